"""Trains one network in PyTorch or JAX and prints what it took; `benchmarks.frameworks` calls it.

It runs in an environment of its own, without this project: `python other_framework.py SIDE SPEC.json DATA.npz`. The
specification is that of `ModelSpec.to_json` with "epochs" and "batch_size"; the data hold uint8 images (N, 28, 28) and
labels for training and test. One JSON object comes out: the seconds of each epoch, and the test accuracy.
"""

import functools
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

LEARNING_RATE = 0.001
EPSILON = 1e-7
"""Of Adam, as Keras has it, so that all sides learn alike."""


def torch_side(spec: dict[str, Any], data: Any, *, loader: bool, channels_last: bool) -> tuple[list[float], float]:
    """Eager PyTorch: with its usual `DataLoader`, or over tensors that lie in memory, which is faster."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    layers: list[nn.Module] = []
    for layer in spec["layers"]:
        if layer["layer"] == "Flatten":
            layers.append(nn.Flatten())
        elif layer["layer"] == "Dense":
            layers.append(nn.LazyLinear(layer["units"]))
        elif layer["layer"] == "Conv2D":
            layers.append(nn.LazyConv2d(layer["filters"], layer["kernel_size"], padding=layer["padding"]))
        elif layer["layer"] == "MaxPooling2D":
            layers.append(nn.MaxPool2d(layer["pool_size"]))
        if layer.get("activation") == "relu":  # the loss below holds the softmax
            layers.append(nn.ReLU())
    model = nn.Sequential(*layers)
    x, y = torch.tensor(data["x_train"])[:, None].float() / 255, torch.tensor(data["y_train"]).long()
    x_test, y_test = torch.tensor(data["x_test"])[:, None].float() / 255, torch.tensor(data["y_test"]).long()
    model(x[:2])
    for part in model:
        if isinstance(part, nn.Linear | nn.Conv2d):  # Keras's first weights
            nn.init.xavier_uniform_(part.weight)
            nn.init.zeros_(part.bias)
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, eps=EPSILON)
    loss_of = nn.CrossEntropyLoss()
    batch_size = spec["batch_size"]

    def batches() -> Any:
        if loader:
            dataset = torch.utils.data.TensorDataset(x, y)
            yield from torch.utils.data.DataLoader(dataset, batch_size, shuffle=True)
        else:
            for rows in torch.randperm(len(x)).split(batch_size):
                yield x[rows], y[rows]

    seconds = []
    for _ in range(spec["epochs"]):
        begin = time.perf_counter()
        for images, labels in batches():
            optimizer.zero_grad()
            loss_of(model(images), labels).backward()
            optimizer.step()
        seconds.append(time.perf_counter() - begin)
    parts = zip(x_test.split(500), y_test.split(500), strict=True)
    with torch.no_grad():
        right = sum(int((model(a).argmax(1) == b).sum()) for a, b in parts)
    return seconds, right / len(y_test)


def jax_side(spec: dict[str, Any], data: Any) -> tuple[list[float], float]:
    """JAX: one compiled `lax.scan` over an epoch's batches, with the images in memory."""
    import jax
    import optax
    from jax import numpy as jnp

    glorot = jax.nn.initializers.glorot_uniform()

    def parameters_for(shape: tuple[int, ...]) -> list[dict[str, Any]]:
        """Weights of each layer, for pictures (28, 28, 1)."""
        found, key = [], jax.random.key(0)
        for layer in spec["layers"]:
            key, own = jax.random.split(key)
            weights = {}
            if layer["layer"] == "Dense":
                weights = {"w": glorot(own, (shape[-1], layer["units"])), "b": jnp.zeros(layer["units"])}
            elif layer["layer"] == "Conv2D":
                size = (layer["kernel_size"],) * 2
                kernel = (*size, shape[-1], layer["filters"])
                weights = {"w": glorot(own, kernel), "b": jnp.zeros(layer["filters"])}
            found.append(weights)
            shape = jax.eval_shape(functools.partial(apply, layer, weights), jnp.zeros((1, *shape))).shape[1:]
        return found

    def apply(layer: dict[str, Any], weights: dict[str, Any], x: Any) -> Any:
        if layer["layer"] == "Flatten":
            x = x.reshape(len(x), -1)
        elif layer["layer"] == "Dense":
            x = x @ weights["w"] + weights["b"]
        elif layer["layer"] == "Conv2D":
            order = ("NHWC", "HWIO", "NHWC")
            padding = layer["padding"].upper()
            x = jax.lax.conv_general_dilated(x, weights["w"], (1, 1), padding, dimension_numbers=order)
            x = x + weights["b"]
        elif layer["layer"] == "MaxPooling2D":
            window = (1, layer["pool_size"], layer["pool_size"], 1)
            x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, window, window, "VALID")
        return jax.nn.relu(x) if layer.get("activation") == "relu" else x  # the loss below holds the softmax

    def logits_of(parameters: list[dict[str, Any]], images: Any) -> Any:
        x = images[..., None].astype(jnp.float32) / 255
        for layer, weights in zip(spec["layers"], parameters, strict=True):
            x = apply(layer, weights, x)
        return x

    optimizer = optax.adam(LEARNING_RATE, eps=EPSILON)
    x, y = jnp.asarray(data["x_train"]), jnp.asarray(data["y_train"].astype(np.int32))

    def step(carry: Any, rows: Any) -> tuple[Any, Any]:
        parameters, state = carry

        def loss_of(parameters: Any) -> Any:
            logits = logits_of(parameters, x[rows])
            return optax.softmax_cross_entropy_with_integer_labels(logits, y[rows]).mean()

        loss, gradients = jax.value_and_grad(loss_of)(parameters)
        updates, state = optimizer.update(gradients, state)
        return (optax.apply_updates(parameters, updates), state), loss

    epoch = jax.jit(lambda carry, table: jax.lax.scan(step, carry, table), donate_argnums=0)
    parameters = parameters_for((28, 28, 1))
    carry = (parameters, optimizer.init(parameters))
    rng = np.random.default_rng(0)
    seconds = []
    for _ in range(spec["epochs"]):
        begin = time.perf_counter()
        whole = len(x) // spec["batch_size"] * spec["batch_size"]
        table = rng.permutation(len(x))[:whole].reshape(-1, spec["batch_size"])
        carry, losses = epoch(carry, jnp.asarray(table))
        losses.block_until_ready()
        seconds.append(time.perf_counter() - begin)
    right = sum(
        int((logits_of(carry[0], data["x_test"][i : i + 500]).argmax(1) == data["y_test"][i : i + 500]).sum())
        for i in range(0, len(data["x_test"]), 500)
    )
    return seconds, right / len(data["x_test"])


SIDES = {
    "PyTorch, DataLoader": lambda spec, data: torch_side(spec, data, loader=True, channels_last=False),
    "PyTorch": lambda spec, data: torch_side(spec, data, loader=False, channels_last=False),
    "PyTorch, channels last": lambda spec, data: torch_side(spec, data, loader=False, channels_last=True),
    "JAX, lax.scan": jax_side,
}

if __name__ == "__main__":
    side, spec_file, data_file = sys.argv[1:]
    seconds, accuracy = SIDES[side](json.loads(Path(spec_file).read_text(encoding="utf-8")), np.load(data_file))
    print(json.dumps({"seconds": seconds, "accuracy": accuracy}))
