"""PyTorch: eager, compiled, and on CUDA as graphs; on the CPU with one thread and with all. serve.mjs has the protocol."""

import itertools
import math
import os
import platform

import torch
import torch.nn.functional as F

from serve import batch_of, fixture_of, floats, rows_of, serve, table_of

cuda = torch.cuda.is_available()
device = torch.device("cuda" if cuda else "cpu")
torch.backends.cuda.matmul.allow_tf32 = False  # float32 means float32
torch.backends.cudnn.allow_tf32 = False
torch.backends.cudnn.benchmark = True  # the fastest convolution of several
cores = os.cpu_count()


class Perceptron:
    """An MLP of each replica; the first layer is factored where all pairs are scored."""

    def __init__(self, w, fixture, variant):
        self.w, R = w, w["replicas"]
        repeated = lambda t: t.expand(R, *t.shape).contiguous() if R > 1 else t
        layers, *batch = fixture_of(w, fixture)
        on_device = lambda t: repeated(torch.tensor(t, device=device))
        self.layers = [tuple(p if p is None else torch.nn.Parameter(on_device(p)) for p in layer) for layer in layers]
        self.params = [p for layer in self.layers for p in layer if p is not None]
        self.fixed = tuple(map(on_device, batch))

    def scores(self, x, y):
        w, N, layers = self.w, self.w["joint"], self.layers
        if w["negatives"] == "all":
            weight, bias = layers[0]
            of_x, of_y = x @ weight[: w["x"]], y @ weight[w["x"] :] + bias
            hidden = torch.relu(of_x[:, None] + of_y[None]).reshape(N * N, -1)
            layers = layers[1:]
        elif w["negatives"] == "shuffle":
            shifted = torch.roll(y, -1, dims=-2)
            hidden = torch.cat([torch.cat([x, x], -2), torch.cat([y, shifted], -2)], -1)
        else:
            hidden = torch.cat([x, y], -1)
        for l, (weight, bias) in enumerate(layers):
            if bias is None:
                hidden = hidden @ weight
            elif weight.dim() == 2:
                hidden = torch.addmm(bias, hidden, weight)
            else:
                hidden = torch.baddbmm(bias, hidden, weight)
            if l < len(layers) - 1:
                hidden = torch.relu(hidden)
        return hidden.squeeze(-1)


class SelfConsistency:
    """selfConsistencyNet() of src/critics/conv.ts, on all pairs. `first` and `layout` are what may be faster or slower."""

    def __init__(self, w, fixture, variant):
        self.w, self.side, self.factored = w, math.isqrt(w["x"]), variant["first"] == "factored"
        self.layout = torch.channels_last if variant["layout"] == "channels last" else torch.contiguous_format
        self.fixed = tuple(torch.tensor(t, device=device) for t in batch_of(w, fixture))
        self.params = []
        left = torch.tensor(floats(fixture["params"]), device=device)

        def take(*shape):
            nonlocal left
            taken, left = left[: math.prod(shape)], left[math.prod(shape) :]
            return taken.reshape(shape)

        def parameters(weight, outputs):
            pair = torch.nn.Parameter(weight), torch.nn.Parameter(take(outputs).clone())
            self.params += pair
            return pair

        # As the library has it, (height, width, inputs, outputs); of the first layer first what x meets, then y.
        kernel = lambda inputs, outputs: take(3, 3, inputs, outputs).permute(3, 2, 0, 1)
        stored = lambda weight: weight.contiguous(memory_format=self.layout)
        conv = lambda inputs, outputs: parameters(stored(kernel(inputs, outputs)), outputs)
        self.first = parameters(stored(torch.cat([kernel(1, 32), kernel(1, 32)], 1)), 32)
        self.second = conv(32, 64)
        self.blocks = [(conv(64, 64), conv(64, 64)) for _ in range(2)]
        self.third = conv(64, 64)
        self.dense, self.last = (parameters(take(n, m).t().contiguous(), m) for n, m in ((64, 256), (256, 1)))
        assert left.numel() == 0

    def pairs(self, x, y):
        """The first layer of all pairs, x by x."""
        N, side = self.w["joint"], self.side
        (weight, bias), x, y = self.first, x.reshape(N, 1, side, side), y.reshape(N, 1, side, side)
        if self.factored:
            of_x, of_y = F.conv2d(x, weight[:, :1], padding=1), F.conv2d(y, weight[:, 1:], bias, padding=1)
            z = (of_x[:, None] + of_y[None]).reshape(N * N, -1, side, side)
        else:
            each = lambda t, dim: t.unsqueeze(dim).expand(N, N, 1, side, side).reshape(N * N, 1, side, side)
            both = torch.cat([each(x, 1), each(y, 0)], 1)
            z = F.conv2d(both.contiguous(memory_format=self.layout), weight, bias, padding=1)
        return torch.relu(z.contiguous(memory_format=self.layout))

    def scores(self, x, y):
        conv = lambda t, layer: F.conv2d(t, *layer, padding=1)
        hidden = F.max_pool2d(torch.relu(conv(self.pairs(x, y), self.second)), 3)
        for first, second in self.blocks:
            hidden = torch.relu(conv(torch.relu(conv(hidden, first)), second) + hidden)
        hidden = torch.relu(conv(hidden, self.third)).mean((2, 3))
        return F.linear(torch.relu(F.linear(hidden, *self.dense)), *self.last).squeeze(-1)


class Steps:
    def __init__(self, w, fixture, variant):
        self.w, self.scale = w, fixture["lambda"]
        if not cuda:
            torch.set_num_threads(variant.get("threads", cores))
        self.critic = (SelfConsistency if w["source"] == "images" else Perceptron)(w, fixture, variant)
        self.table = tuple(torch.tensor(t, device=device) for t in table_of(w))
        self.rows = rows_of(w)
        self.eye = torch.eye(w["joint"], device=device)
        extra = {"fused": True, **({"capturable": True} if cuda else {})}
        self.optimizer = (
            torch.optim.Adam(self.critic.params, lr=w["rate"], maximize=True, **extra)
            if w["optimizer"] == "adam"
            else torch.optim.SGD(self.critic.params, lr=w["rate"], maximize=True, fused=True)
        )
        self.function = self.objective
        if "compiled" in variant["mode"]:
            torch._dynamo.reset()
            self.function = torch.compile(self.objective, dynamic=False)
        self.graph = None
        self.wants_graph = "graph" in variant["mode"]

    def objective(self, x, y):
        """Of each replica, from x and y, ([R,] rows, width)."""
        N = self.w["joint"]
        scores = self.critic.scores(x, y)
        if self.w["negatives"] == "all":
            scores = scores.reshape(N, N)
            joint = scores.diagonal().mean()
            marginal = torch.logsumexp((scores - 1e9 * self.eye).reshape(-1), 0) - math.log(N * (N - 1))
        else:
            joint = scores[..., :N].mean(-1)
            marginal = torch.logsumexp(scores[..., N:], -1) - math.log(N)
        return joint - marginal - self.scale * marginal * marginal

    def descend(self, x, y):
        self.optimizer.zero_grad(set_to_none=not self.wants_graph)
        self.function(x, y).sum().backward()
        self.optimizer.step()

    def draw_and_descend(self):
        R = self.w["replicas"]
        index = torch.randint(self.table[0].shape[0], (R, self.rows) if R > 1 else (self.rows,), device=device)
        self.descend(self.table[0][index], self.table[1][index])

    def objectives(self):
        with torch.no_grad():
            return self.objective(*self.critic.fixed).reshape(-1).tolist()

    def fixture_step(self):
        self.descend(*self.critic.fixed)

    def memory(self):
        """Bytes of all tensors at the peak of a step, without a graph."""
        if cuda:
            torch.cuda.reset_peak_memory_stats()
            self.draw_and_descend()
            torch.cuda.synchronize()
            return torch.cuda.max_memory_allocated()
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as profile:
            self.draw_and_descend()
        events = sorted(profile.profiler.kineto_results.events(), key=lambda e: e.start_ns())
        changes = (e.nbytes() for e in events if e.name() == "[memory]")
        moments = (t for state in self.optimizer.state.values() for t in state.values())
        gradients = (p.grad for p in self.critic.params if p.grad is not None)
        kept = (*self.critic.params, *gradients, *moments, *self.table, *self.critic.fixed)
        return sum(t.nbytes for t in kept) + max(itertools.accumulate(changes, initial=0))

    def steps(self, count):
        if self.wants_graph and self.graph is None:
            side = torch.cuda.Stream()
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                for _ in range(3):
                    self.draw_and_descend()
            torch.cuda.current_stream().wait_stream(side)
            self.graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self.graph):
                self.draw_and_descend()
        step = self.graph.replay if self.graph else self.draw_and_descend
        for _ in range(count):
            step()
        if cuda:
            torch.cuda.synchronize()
        return count


# What a variant does not name is that of the best one so far.
if cuda:
    compiled = [{"mode": mode} for mode in ("compiled", "graph", "compiled graph")]
    eager = [{"mode": "eager"}]
else:
    # Compiling takes a C++ compiler many seconds: once, with the number of threads that was best without.
    compiled = [{"mode": "compiled"}]
    eager = [{"mode": "eager", "threads": n} for n in sorted({1, min(2, cores), cores})]
# Of images with all threads.
images = [
    {**eager[-1], "first": first, "layout": layout}
    for first in ("factored", "whole")
    for layout in ("channels first", "channels last")
]
serve(
    {
        "name": "PyTorch",
        "version": torch.__version__,
        "device": torch.cuda.get_device_name() if cuda else f"CPU, {torch.backends.cpu.get_cpu_capability()}",
        "python": platform.python_version(),
        "variants": [*eager, *compiled],
        "images": [*images, *compiled],
    },
    Steps,
)
