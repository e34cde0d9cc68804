"""JAX: steps in a jitted scan, replicas by vmap. --threads 1 keeps XLA on the CPU to one. serve.mjs has the protocol."""

import os
import platform
import sys
import time

threads = int(sys.argv[sys.argv.index("--threads") + 1]) if "--threads" in sys.argv else None
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # others measure on this GPU, too
if threads is not None and hasattr(os, "sched_setaffinity"):
    # XLA sizes its pool by the cores that it may use.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])

import jax
import jax.numpy as jnp

from serve import fixture_of, rows_of, serve, table_of

jax.config.update("jax_default_matmul_precision", "highest")  # float32 means float32, on GPUs too


class Steps:
    def __init__(self, w, fixture, variant):
        R, N, scale, rate = w["replicas"], w["joint"], fixture["lambda"], w["rate"]
        adam = w["optimizer"] == "adam"
        layers, x, y = fixture_of(w, fixture)
        self.length = None
        self.fixed = jnp.asarray(x), jnp.asarray(y)
        tables = tuple(jnp.asarray(t) for t in table_of(w))
        rows = rows_of(w)

        def objective(layers, x, y):
            if w["negatives"] == "all":
                (weight, bias), *later = layers
                of_x, of_y = x @ weight[: w["x"]], y @ weight[w["x"] :] + bias
                hidden = jax.nn.relu(of_x[:, None] + of_y[None]).reshape(N * N, -1)
            elif w["negatives"] == "shuffle":
                later, shifted = layers, jnp.roll(y, -1, 0)
                hidden = jnp.concatenate([jnp.concatenate([x, x]), jnp.concatenate([y, shifted])], 1)
            else:
                later, hidden = layers, jnp.concatenate([x, y], 1)
            for l, (weight, bias) in enumerate(later):
                hidden = hidden @ weight
                if bias is not None:
                    hidden = hidden + bias
                if l < len(later) - 1:
                    hidden = jax.nn.relu(hidden)
            scores = hidden[:, 0]
            if w["negatives"] == "all":
                joint = jnp.mean(jnp.diagonal(scores.reshape(N, N)))
                marginal = jax.nn.logsumexp(scores - 1e9 * jnp.eye(N).reshape(-1)) - jnp.log(N * (N - 1.0))
            else:
                joint, marginal = jnp.mean(scores[:N]), jax.nn.logsumexp(scores[N:]) - jnp.log(float(N))
            return joint - marginal - scale * marginal * marginal

        def update(state, x, y):
            layers, m, v, t = state
            d = jax.grad(objective)(layers, x, y)
            t = t + 1
            tree = jax.tree.map
            if not adam:
                return tree(lambda p, g: p + rate * g, layers, d), m, v, t
            m = tree(lambda a, g: 0.9 * a + 0.1 * g, m, d)
            v = tree(lambda a, g: 0.999 * a + 0.001 * g * g, v, d)
            first, second = 1 / (1 - 0.9**t), 1 / (1 - 0.999**t)
            step = lambda p, a, b: p + rate * a * first / (jnp.sqrt(b * second) + 1e-8)
            return tree(step, layers, m, v), m, v, t

        def one(state, key):
            index = jax.random.randint(key, (rows,), 0, tables[0].shape[0])
            return update(state, tables[0][index], tables[1][index])

        def many(state, keys):
            return jax.lax.scan(lambda s, k: (one(s, k), None), state, keys)[0]

        def start(_):
            params = [tuple(p if p is None else jnp.asarray(p) for p in layer) for layer in layers]
            zeros = lambda: jax.tree.map(jnp.zeros_like, params)
            return params, zeros() if adam else [], zeros() if adam else [], jnp.float32(0)

        batched = (lambda f, axes: jax.vmap(f, axes)) if R > 1 else (lambda f, axes: f)
        self.state = jax.jit(batched(start, 0))(jnp.zeros(R))
        self.each = jax.jit(batched(objective, (0, None, None)))
        self.update = jax.jit(batched(update, (0, None, None)))
        self.many = jax.jit(batched(many, (0, 0)), donate_argnums=0)
        self.key = jax.random.key(0)
        self.split = jax.jit(lambda key, n: jax.random.split(key, (R, n) if R > 1 else n), static_argnums=1)

    def objectives(self):
        return self.each(self.state[0], *self.fixed).reshape(-1).tolist()

    def fixture_step(self):
        self.state = self.update(self.state, *self.fixed)

    def scan(self, n):
        self.key, key = jax.random.split(self.key)
        self.state = self.many(self.state, self.split(key, n))

    def steps(self, count):
        if self.length is None:
            # One scan takes about 20 ms, so that few lengths are compiled and no call costs more than its steps.
            self.scan(1)
            jax.block_until_ready(self.state)
            began = time.perf_counter()
            self.scan(1)
            jax.block_until_ready(self.state)
            self.length = max(1, min(1024, round(0.02 / (time.perf_counter() - began))))
        for _ in range(count):
            self.scan(self.length)
        jax.block_until_ready(self.state)
        return count * self.length


gpu = jax.default_backend() != "cpu"
variant = {"mode": "jit scan, vmap", **({} if gpu or threads is None else {"threads": threads})}
serve(
    {
        "name": "JAX",
        "version": jax.__version__,
        "device": jax.devices()[0].device_kind + ("" if gpu or threads is None else f", threads: {threads}"),
        "python": platform.python_version(),
        # On a GPU the threads say nothing, and one process is enough.
        "variants": [] if gpu and threads == 1 else [variant],
    },
    Steps,
)
