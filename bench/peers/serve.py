"""The peers' side of the bench's protocol in Python; serve.mjs has it in words."""

import base64
import json
import sys
import time

import numpy as np

TABLE_ROWS = 4096
IMAGES = 1024


def floats(text):
    return np.frombuffer(base64.b64decode(text), dtype=np.float32).copy()


def layers_of(w, params):
    """Weight (inputs, outputs) and bias (1, outputs) or None of each layer."""
    widths = [w["x"] + w["y"], *w["hidden"], 1]
    at, layers = 0, []
    for l, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        weight = params[at : at + inputs * outputs].reshape(inputs, outputs)
        at += inputs * outputs
        bias = None
        if l < len(w["hidden"]) or w["outputBias"]:
            bias = params[at : at + outputs].reshape(1, outputs)
            at += outputs
        layers.append((weight, bias))
    return layers


def rows_of(w):
    return w["joint"] * (2 if w["negatives"] == "independent" else 1)


def table_of(w):
    """Rows that steps draw from, on the device: less work than to make normals anew, as the library does."""
    if w["source"] == "one-hot":
        rows = np.eye(w["x"], dtype=np.float32)
        return rows, rows
    random = np.random.default_rng(0)
    if w["source"] == "images":
        x = random.random((IMAGES, w["x"]), dtype=np.float32)
        return x, (x + random.random((IMAGES, w["y"]), dtype=np.float32)) / 2
    x = random.standard_normal((TABLE_ROWS, w["x"]), dtype=np.float32)
    noise = random.standard_normal((TABLE_ROWS, w["y"]), dtype=np.float32)
    return x, 0.5 * x + np.float32(0.75**0.5) * noise


def batch_of(w, fixture):
    return tuple(floats(fixture[name]).reshape(rows_of(w), w[name]) for name in ("x", "y"))


def fixture_of(w, fixture):
    return layers_of(w, floats(fixture["params"])), *batch_of(w, fixture)


def serve(hello, prepare):
    """Answers until stdin ends. `prepare(w, fixture, variant)` gives objectives(), fixture_step(), steps(n), which waits for n
    or more, and memory() where it is asked for."""
    out = sys.stdout
    sys.stdout = sys.stderr  # what libraries print is no answer
    say = lambda message: print(json.dumps(message), file=out, flush=True)
    made = None
    say(hello)
    for line in sys.stdin:
        message = json.loads(line)
        try:
            if "prepare" in message:
                made = prepare(message["prepare"], message["fixture"], message.get("variant"))
                before = made.objectives()
                made.fixture_step()
                say({"before": before, "after": made.objectives()})
            elif "memory" in message:
                say({"bytes": made.memory()})
            else:
                began, steps, size = time.perf_counter(), 0, 1
                while time.perf_counter() - began < message["run"]:
                    steps += made.steps(size)
                    size = min(2 * size, 64) if time.perf_counter() - began < message["run"] / 4 else size
                say({"steps": steps, "seconds": time.perf_counter() - began})
        except Exception as error:  # the bench says what failed and goes on
            say({"error": f"{type(error).__name__}: {error}".split("\n")[0]})
