"""PyTorch: eager, compiled, and on CUDA as graphs; on the CPU with one thread and with all. serve.mjs has the protocol."""

import math
import os
import platform

import torch

from serve import fixture_of, rows_of, serve, table_of

cuda = torch.cuda.is_available()
device = torch.device("cuda" if cuda else "cpu")
torch.backends.cuda.matmul.allow_tf32 = False  # float32 means float32
cores = os.cpu_count()


class Steps:
    def __init__(self, w, fixture, variant):
        self.w, self.scale = w, fixture["lambda"]
        if not cuda:
            torch.set_num_threads(variant.get("threads", cores))
        R = w["replicas"]
        repeated = lambda t: torch.tensor(t, device=device).expand(R, *t.shape).contiguous() if R > 1 else torch.tensor(t, device=device)
        layers, x, y = fixture_of(w, fixture)
        self.layers = [tuple(p if p is None else torch.nn.Parameter(repeated(p)) for p in layer) for layer in layers]
        self.params = [p for layer in self.layers for p in layer if p is not None]
        self.fixed = repeated(x), repeated(y)
        self.table = tuple(torch.tensor(t, device=device) for t in table_of(w))
        self.rows = rows_of(w)
        self.eye = torch.eye(w["joint"], device=device)
        extra = {"fused": True, **({"capturable": True} if cuda else {})}
        self.optimizer = (
            torch.optim.Adam(self.params, lr=w["rate"], maximize=True, **extra)
            if w["optimizer"] == "adam"
            else torch.optim.SGD(self.params, lr=w["rate"], maximize=True, fused=True)
        )
        self.function = self.objective
        if "compiled" in variant["mode"]:
            torch._dynamo.reset()
            self.function = torch.compile(self.objective, dynamic=False)
        self.graph = None
        self.wants_graph = "graph" in variant["mode"]

    def objective(self, x, y):
        """Of each replica, from x and y, ([R,] rows, width)."""
        w, N = self.w, self.w["joint"]
        layers = self.layers
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
        scores = hidden.squeeze(-1)
        if w["negatives"] == "all":
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
            return self.objective(*self.fixed).reshape(-1).tolist()

    def fixture_step(self):
        self.descend(*self.fixed)

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


if cuda:
    variants = [{"mode": mode} for mode in ("eager", "compiled", "graph", "compiled graph")]
else:
    # Compiling takes a C++ compiler many seconds: once, with the number of threads that was best without.
    variants = [*({"mode": "eager", "threads": n} for n in sorted({1, min(2, cores), cores})), {"mode": "compiled"}]
serve(
    {
        "name": "PyTorch",
        "version": torch.__version__,
        "device": torch.cuda.get_device_name() if cuda else f"CPU, {torch.backends.cpu.get_cpu_capability()}",
        "python": platform.python_version(),
        "variants": variants,
    },
    Steps,
)
