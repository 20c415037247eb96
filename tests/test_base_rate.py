"""The outside view: a count of events in years of a reference class, several classes, and a prior that ignores them."""

import json
import math

import jsonschema
import numpy as np
import pytest
from builders import DAY, assembled, network, project, scenario
from scipy.integrate import quad
from scipy.stats import gamma

from engine.app.schemas import schemas
from engine.belief.inference import infer
from engine.errors import FaultyFilesError

YEARS = 731 / 365.25
"""Length of the window."""
PRIOR_KEPT = 0.005
"""The model page's own bound on how far priors may drift."""


def based(*classes, **prior):
    return {"a": scenario(prior={"base_rate": classes[0] if len(classes) == 1 else list(classes)} | prior)}


def klass(events, years, **fields):
    return {"events": events, "years": years} | fields


def probability(*classes):
    return project(based(*classes)).scenarios["a"].prior_probability


@pytest.mark.parametrize(("events", "years"), [(0, 5), (0, 300), (1, 6), (2, 11), (40, 900), (30, 10)])
def test_a_base_rate_gives_the_posterior_of_its_gamma(events, years):
    # by hand: rate ~ Gamma(k + 1/2, n), and E[1 - exp(-rate T)] = 1 - (n / (n + T))^(k + 1/2)
    by_hand = 1 - (years / (years + YEARS)) ** (events + 0.5)
    integral, _ = quad(
        lambda rate: -np.expm1(-rate * YEARS) * gamma(events + 0.5, scale=1 / years).pdf(rate), 0, np.inf
    )
    assert by_hand == pytest.approx(integral, rel=1e-5)
    assert probability(klass(events, years)) == pytest.approx(by_hand, rel=1e-12)
    found = infer(network(based(klass(events, years))), "importance", 4000, 1).probability[0]
    assert found == pytest.approx(by_hand, abs=PRIOR_KEPT)


def test_nothing_in_five_years_is_worked_by_hand():
    # (5 / 7.0014)^0.5 = 0.8451
    assert probability(klass(0, 5)) == pytest.approx(0.155, abs=0.0005)


def test_without_events_longer_watching_makes_it_less_likely():
    found = [probability(klass(0, years)) for years in (1, 10, 100, 1000)]
    assert found == sorted(found, reverse=True)
    assert 0 < found[-1] < 0.002


def test_the_more_years_the_firmer_the_rate():
    widths = [
        np.subtract(*infer(network(based(klass(events, years))), "importance", 4000, 1).interval[::-1, 0])
        for events, years in ((1, 10), (10, 100), (100, 1000))
    ]
    assert widths == sorted(widths, reverse=True)


# --- several classes ---


def test_several_classes_with_weights_are_their_weighted_sum():
    classes = klass(4, 40, weight=0.5), klass(1, 60, weight=0.2), klass(0, 8)
    # 0.5 + 0.5 x 4 + 0.2 x 1 + 0, and 0.5 x 40 + 0.2 x 60 + 8
    shape, rate = project(based(*classes)).scenarios["a"].prior.rate_shape_and_years
    assert (shape, rate) == pytest.approx((2.7, 40), rel=1e-12)
    assert probability(*classes) == pytest.approx(1 - (40 / (40 + YEARS)) ** 2.7, rel=1e-12)
    found = infer(network(based(*classes)), "importance", 4000, 1)
    assert found.probability[0] == pytest.approx(probability(*classes), abs=PRIOR_KEPT)


def test_equal_classes_are_one_of_their_sum():
    assert probability(klass(2, 10), klass(3, 20)) == pytest.approx(probability(klass(5, 30)), rel=1e-12)


def test_the_order_of_classes_does_not_matter_and_one_in_a_list_is_one():
    one, other = klass(4, 40, weight=0.5), klass(1, 60, weight=0.2)
    assert probability(one, other) == pytest.approx(probability(other, one), rel=1e-15)
    alone = {"a": scenario(prior={"base_rate": [one]})}
    assert project(alone).scenarios["a"].prior_probability == probability(one)


def test_a_class_of_little_weight_moves_little():
    base = probability(klass(2, 100))
    moved = [probability(klass(2, 100), klass(50, 100, weight=weight)) - base for weight in (0.01, 0.1, 0.5, 1.0)]
    assert 0 < moved[0] < moved[1] < moved[2] < moved[3]


@pytest.mark.parametrize("weight", [0, -0.5, 1.5])
def test_a_weight_is_a_share(weight):
    with pytest.raises(FaultyFilesError, match=r"weight"):
        project(based(klass(2, 10, weight=weight)))


@pytest.mark.parametrize(
    "fields",
    [{"events": -1}, {"years": 0}, {"years": -3}, {"events": 1.5}, {"event": 1}],
    ids=str,
)
@pytest.mark.parametrize("listed", [False, True])
def test_a_count_that_cannot_be_is_refused_in_both_spellings(fields, listed):
    one = klass(2, 10) | fields
    with pytest.raises(FaultyFilesError) as refused:
        project({"a": scenario(prior={"base_rate": [one] if listed else one})})
    assert next(iter(fields)) in str(refused.value)
    assert str(refused.value).startswith("scenarios/a.yaml:1: prior.base_rate")


@pytest.mark.parametrize("empty", [[], {}])
def test_an_empty_base_rate_is_no_prior(empty):
    with pytest.raises(FaultyFilesError, match=r"prior"):
        project({"a": scenario(prior={"base_rate": empty})})


# --- beside a stated prior ---


def away(decibans, from_probability):
    odds = from_probability / (1 - from_probability) * 10 ** (decibans / 10)
    return odds / (1 + odds)


@pytest.mark.parametrize("classes", [(klass(2, 11),), (klass(4, 40, weight=0.5), klass(0, 8))], ids=["one", "several"])
@pytest.mark.parametrize(("decibans", "warned"), [(-10.1, 1), (-9, 0), (0, 0), (9, 0), (9.9, 0), (10.1, 1)])
def test_a_prior_more_than_ten_decibans_from_its_own_base_rate_is_warned_of(classes, decibans, warned):
    stated = away(decibans, probability(*classes))
    found = assembled(based(*classes, probability=stated))
    assert len(found.warnings) == warned
    for warning in found.warnings:
        assert (warning.path, warning.field) == ("scenarios/a.yaml", "prior.probability")
        assert "10 dB away" in warning.message


def test_beside_a_stated_prior_the_base_rate_only_warns():
    found = infer(network(based(klass(2, 11), probability=0.3)), "importance", 4000, 1)
    assert found.probability[0] == pytest.approx(0.3, abs=PRIOR_KEPT)


def test_a_ten_year_view_below_what_the_base_rate_gives_is_refused():
    low = scenario(prior={"base_rate": klass(2, 11)}, outlook={"probability": 0.2})
    assert probability(klass(2, 11)) > 0.3
    with pytest.raises(FaultyFilesError, match="must not be below the probability by the deadline"):
        project({"a": low})


def test_time_passing_lets_a_base_rate_sink_as_its_gamma_says():
    # given no event for w of the window: 1 - E exp(-rate T) / E exp(-rate w T)
    half = DAY.replace(month=12, day=31)
    gone = (half - DAY).days / 365.25
    found = infer(network(based(klass(2, 11)), as_of=half), "importance", 4000, 1).probability[0]
    assert found == pytest.approx(1 - ((11 + gone) / (11 + YEARS)) ** 2.5, abs=PRIOR_KEPT)
    assert math.isclose(gone, 365 / 365.25)


# --- schema ---


@pytest.mark.parametrize(
    "spelled", [klass(2, 11), [klass(2, 11)], [klass(4, 40, weight=0.5, reference_class="All."), klass(1, 60)]]
)
def test_the_schema_accepts_both_spellings(spelled):
    record = scenario(prior={"base_rate": spelled})
    jsonschema.validate(record, schemas()["scenario"])
    project({"a": json.loads(json.dumps(record))})


@pytest.mark.parametrize("spelled", [3, "two in eleven years", {"events": 2}, [{"events": -1, "years": 3}], [[2, 11]]])
def test_the_schema_refuses_what_the_reader_refuses(spelled):
    record = scenario(prior={"base_rate": spelled})
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(record, schemas()["scenario"])
    with pytest.raises(FaultyFilesError):
        project({"a": record})


@pytest.mark.parametrize("classes", [[klass(0, 30)], [klass(0, 2000)], [klass(1, 6), klass(0, 40)]])
def test_the_sampler_takes_every_step_where_nothing_ever_happened(classes):
    """Half an event in so many years: the hazard's density is steep at 0, and a step too long would diverge."""
    sampled = infer(network(based(*classes)), "nuts", 1600, 1)
    assert sampled.diagnostics.divergences == 0
    assert sampled.probability[0] == pytest.approx(probability(*classes), abs=0.02)


def test_a_rate_that_makes_it_all_but_certain_is_a_prior_like_another():
    found = infer(network(based(klass(400, 10))), "importance", 1000, 1)
    assert 0.999 < found.probability[0] <= 1
    assert np.isfinite(found.interval).all()
