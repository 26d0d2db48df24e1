"""The words of the rules by which sheets become a score: what a notice may choose among."""

from __future__ import annotations

from quartieri.kit.labels import N_, LabelEnum


class Scoring(LabelEnum):
    """How a criterion counts in a sheet's total."""

    POINTS = "points", N_("Points: they are added up, each criterion times its weight")
    WEIGHTS = "weights", N_("Weights: the share of its highest points counts for the weight")


class ImportedResult(LabelEnum):
    """What the file gives that an official imports for a criterion that nobody here scores."""

    POINTS = "points", N_("Imported: the points of each application")
    VOTES = "votes", N_("Imported: the votes; most votes get all points, the others their share")


class Aggregation(LabelEnum):
    """How the totals of a proposal's sheets become its score."""

    MEAN = "mean", N_("Their mean")
    MEDIAN = "median", N_("The middle one (median)")
    TRIMMED = "trimmed", N_("Their mean without the highest and the lowest")
    SUM = "sum", N_("Their sum")


class Normalisation(LabelEnum):
    """How severe and generous reviewers are brought together."""

    NONE = "none", N_("No: points count as they were given")
    MIN_MAX = "min_max", N_("Yes: each reviewer's lowest total becomes 0, the highest the most")
    Z = "z", N_("Yes: each reviewer's mean and spread are brought to those of all sheets")


class NotApplicable(LabelEnum):
    """What "not applicable" on a criterion means."""

    REFUSED = "refused", N_("It is not allowed: every criterion has points")
    RESCALED = "rescaled", N_("The criterion is left out; the others count for the whole")
    ZERO = "zero", N_("It counts as 0 points")
