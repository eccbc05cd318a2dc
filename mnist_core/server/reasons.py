"""What is answered where a browser asks why a network reads a drawing as it does."""

from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_core.drawing.inking import prepare_strokes
from mnist_core.server.packing import Part, grey, scaled

if TYPE_CHECKING:
    from mnist_core.engine.inside import Look
    from mnist_core.engine.reasons import Reasons
    from mnist_core.server.inside import InsideFrame

MAX_STROKES_LEFT_OUT = 30


def reasons_of(reasons: "Reasons", look: "Look", frame: "InsideFrame") -> tuple[dict[str, Any], list[Part]]:
    """A header and pictures: what the method that is asked for finds.

    Args:
        reasons: Asks the network.
        look: What it makes of the picture.
        frame: What is asked: the method in "wish", the class, and the one to compare it with.
    """
    order = np.argsort(-look.probabilities, kind="stable")
    wanted = int(order[0]) if frame.wanted is None else frame.wanted
    header: dict[str, Any] = {"wish": frame.wish, "wanted": wanted, "other": frame.other}
    if frame.wish == "strokes":
        answers = []
        for left_out in range(min(len(frame.strokes), MAX_STROKES_LEFT_OUT)):
            rest = (*frame.strokes[:left_out], *frame.strokes[left_out + 1 :])
            image = prepare_strokes(rest).image
            answers.append(None if image is None else reasons.inside.look(image).probabilities.round(6).tolist())
        return {**header, "without": answers}, []
    if frame.wish == "fool":
        fooled = reasons.fool(look.image, frame.other)
        if fooled is None:
            return {**header, "fooled": None}, []
        told = {"answer": fooled.answer, "distance": fooled.distance, "onTheWay": fooled.on_the_way.round(5).tolist()}
        return {**header, "fooled": told}, [
            grey("from", look.image),
            grey("to", fooled.image),
        ]
    if frame.wish == "gradient":
        heat = reasons.gradient(look.image, wanted, frame.other)
    elif frame.wish == "integrated":
        heat = reasons.integrated_gradients(look.image, wanted, frame.other)
    elif frame.wish == "occlusion":
        heat = reasons.occlusion(look.image, wanted)
    else:
        found = reasons.grad_cam(look.image, wanted)
        if found is None:
            return {**header, "none": "This network has no convolution."}, []
        heat = found
    return {**header, "sum": float(heat.sum())}, [grey("picture", look.image), scaled("heat", heat)]
