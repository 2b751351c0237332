"""Pictures that a generator is measured on, and what is known of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pfstudio.core.conditions import PictureCondition, Prompt
from pfstudio.core.conditions import labels as class_labels
from pfstudio.train.captions import CaptionedPictures
from pfstudio.train.data import TrainingData

ProgressCallback = Callable[[str, int, int], None]


@dataclass(frozen=True)
class EvaluationData:
    """Pictures, and what is known of each by its label."""

    pictures: TrainingData
    conditions: tuple[PictureCondition, ...]  # what a generator is asked for
    groups: tuple[str, ...]  # pictures of a group may stand for each other in the floor
    concepts: tuple[str, ...]  # what is shown


def classified(data: TrainingData) -> EvaluationData:
    """Pictures with classes, which also are their groups and concepts."""
    count = len(data.classes)
    return EvaluationData(data, class_labels(*range(count)), data.classes, data.classes)


def captioned(data: TrainingData, captions: CaptionedPictures) -> EvaluationData:
    """Pictures asked for by their plainest captions; their groups are styles."""
    prompts = tuple(Prompt(own[0]) for own in captions.captions)
    return EvaluationData(data, prompts, captions.styles, captions.concepts)
