"""The likelihood's hand-written gradient, and the PyMC model as the same function under other clothes."""

from dataclasses import replace
from datetime import date
from statistics import NormalDist

import numpy as np
import pytest
from builders import article, indicator, network, random_theta, report, scenario
from gradients import value_and_gradient
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.belief.likelihood import believe, log_likelihood
from engine.belief.log_density import of_ratings

NAMES = ["log_hazard", "log_hazard_ratio", "logit_if_true", "logit_if_false", "reliability"]
"""What reports bear on; numbers for quantities have unknowns of their own."""

SAME = 1e-10
"""The model page's bound between the two engines."""

STANCES = ["affirms", "denies", "absent"]
SOURCES = ["ann", "bob", "cat", "dan", "eve", "fay"]
DETECTIONS = st.sampled_from(["certain", "uncertain"])
RESOLUTIONS = st.sampled_from(
    [None, None, None, {"happened": True, "on": "2024-02-01"}, {"happened": False, "on": "2024-02-01"}]
)


@st.composite
def networks(draw):
    """Two to four scenarios with any drivers, resolutions and reports, on any day of the window."""
    names = "abcd"[: draw(st.integers(2, 4))]
    scenarios = {}
    for number, name in enumerate(names):
        drivers = [
            {"scenario": parent, "hazard_ratio": draw(st.sampled_from([0.3, 1.5, 4]))}
            for parent in names[:number]
            if draw(st.booleans())
        ]
        resolution = draw(RESOLUTIONS)
        scenarios[name] = scenario(
            draw(st.sampled_from([0.05, 0.3, 0.8])),
            drivers=drivers,
            detection=draw(DETECTIONS),
            indicators={"i": indicator(0.8, 0.3), "j": indicator(0.4, 0.6)},
            **({"resolution": resolution} if resolution else {}),
        )
    reports = []
    for path in draw(st.lists(st.sampled_from([f"{name}/{one}" for name in names for one in "ij"]), max_size=6)):
        stance = draw(st.sampled_from(STANCES))
        extra = {"detection": 0.7} if stance == "absent" else {}
        reports.append(article(report(path, draw(st.sampled_from(SOURCES)), stance, draw(st.integers(1, 6)), **extra)))
    return network(scenarios, reports, draw(st.sampled_from([date(2024, 3, 1), date(2025, 5, 5), date(2026, 3, 1)])))


def differences(net, theta, name, h=1e-5):
    """Central differences by every column of one kind of parameter, (n, width)."""
    at = getattr(theta, name)
    columns = []
    for column in range(at.shape[1]):
        step = np.zeros_like(at)
        step[:, column] = h
        up, down = (log_likelihood(net, replace(theta, **{name: at + sign * step})) for sign in (1, -1))
        columns.append((up - down) / (2 * h))
    return np.array(columns).T.reshape(at.shape)


@given(networks(), st.integers(0, 10_000))
@settings(max_examples=40)
def test_the_gradient_is_that_of_central_differences_for_every_parameter(net, seed):
    theta = random_theta(net, 3, seed)
    value, gradient = value_and_gradient(net, theta)
    np.testing.assert_allclose(value, log_likelihood(net, theta), rtol=0, atol=SAME)
    for name in NAMES:
        # h = 1e-5: truncation h^2 f''' / 6 is 1e-10 of it, rounding 1e-16 |f| / h = 1e-11 |f| with |f| below 100
        np.testing.assert_allclose(
            getattr(gradient, name), differences(net, theta, name), rtol=1e-6, atol=1e-8, err_msg=name
        )


@given(networks())
@settings(max_examples=15)
def test_the_order_and_number_of_draws_do_not_touch_one_anothers_likelihood(net):
    theta = random_theta(net, 5, 1)
    together = log_likelihood(net, theta)
    alone = [log_likelihood(net, theta.take(slice(n, n + 1)))[0] for n in range(5)]
    # a matrix product may add in another order when it is wider
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-11)


@given(networks())
@settings(max_examples=25)
def test_probabilities_of_states_and_scenarios_are_probabilities(net):
    found = believe(net, random_theta(net, 5, 2))
    assert found.scenarios.min() >= -1e-12
    assert found.scenarios.max() <= 1 + 1e-12
    # each scenario takes exactly one entry
    np.testing.assert_allclose(found.entries @ net.entry_of_scenario, 1.0, rtol=0, atol=1e-12)
    for position, happened in net.known.items():
        np.testing.assert_allclose(found.scenarios[:, position], float(happened), rtol=0, atol=1e-12)


@pytest.mark.parametrize("log_hazard", [-60.0, -20.0, 4.0, 6.5])
def test_extreme_hazards_leave_the_likelihood_and_its_gradient_finite(log_hazard):
    net = network({"a": scenario(indicators={"i": indicator()})}, [article(report("a/i", "ann"))], date(2025, 1, 1))
    theta = replace(random_theta(net, 1, 3), log_hazard=np.array([[log_hazard]]))
    value, gradient = value_and_gradient(net, theta)
    assert np.isfinite(value).all()
    assert all(np.isfinite(getattr(gradient, name)).all() for name in NAMES)


# --- the PyMC model ---


def example():
    """Resolved, elapsed, uncertain, absent, shared sources, ratings, two drivers."""
    pair = {"i": indicator(0.9, 0.2), "j": indicator(0.3, 0.6)}
    scenarios = {
        "a": scenario(0.3, indicators=pair, resolution={"happened": True, "on": "2024-02-01"}, relevancy=4),
        "b": scenario(0.4, indicators=pair, detection="uncertain", drivers=[{"scenario": "a", "hazard_ratio": 2}]),
        "c": scenario(
            0.2,
            indicators=pair,
            drivers=[{"scenario": "a", "hazard_ratio": 3}, {"scenario": "b", "hazard_ratio": 0.5}],
            relevancy=2,
        ),
    }
    articles = [
        article(report("a/i", "cat"), report("b/i", "cat", "denies", 2), report("c/j", "fay")),
        article(report("b/j", "bob", "absent", detection=0.6), report("c/i", "bob"), publisher="tabloid"),
    ]
    return network(scenarios, articles, date(2024, 12, 1))


@pytest.fixture(scope="module")
def built():
    from engine.belief.model import build_model

    net = example()
    return net, build_model(net)


def potentials_of(model):
    """What is said of the scenarios, and of their relevancy."""
    (said,) = [potential for potential in model.potentials if potential.name != "ratings"]
    return said, model["ratings"]


def inputs_of(model, net, theta):
    """Values of the model's free variables, untransformed, in the order given."""
    values = {name: getattr(theta, name)[0] for name in NAMES}
    values["relevancy"] = np.linspace(1.2, 4.6, len(net.scenarios))
    return [model[name] for name in values], values


def test_the_model_has_named_unknowns_with_named_dims(built):
    net, model = built
    assert dict(model.named_vars_to_dims) == {
        "log_hazard": ("scenario",),
        "log_hazard_ratio": ("driver",),
        "logit_if_true": ("indicator",),
        "logit_if_false": ("indicator",),
        "reliability": ("source",),
        "relevancy": ("scenario",),
    }
    assert {variable.name for variable in model.free_RVs} == {*NAMES, "relevancy"}
    assert list(model.coords["scenario"]) == ["a", "b", "c"]
    assert set(model.coords["driver"]) == {"a>b", "a>c", "b>c"}
    assert list(model.coords["indicator"]) == [f"{one}/{i}" for one in "abc" for i in "ij"]
    assert list(model.coords["source"]) == ["bob", "cat", "fay"]
    assert len(model.potentials) == 2
    assert set(net.driver_names) == set(model.coords["driver"])


def test_the_models_potentials_are_the_plain_likelihoods(built):
    from pytensor import function

    net, model = built
    theta = random_theta(net, 1, 5)
    variables, values = inputs_of(model, net, theta)
    evaluate = function(variables, list(potentials_of(model)), mode="FAST_COMPILE", on_unused_input="ignore")
    reports, ratings = evaluate(*values.values())
    assert float(reports) == pytest.approx(float(log_likelihood(net, theta)[0]), abs=SAME)
    assert float(ratings) == pytest.approx(of_ratings(net.ratings)(values["relevancy"])[0], abs=SAME)


def test_the_models_gradients_are_the_plain_ones(built):
    from pytensor import function, grad

    net, model = built
    theta = random_theta(net, 1, 6)
    variables, values = inputs_of(model, net, theta)
    said, rated = potentials_of(model)
    total = 2.0 * said + 3.0 * rated  # so that what comes from above is passed on too
    evaluate = function(variables, grad(total, variables), mode="FAST_COMPILE")
    found = dict(zip(values, evaluate(*values.values()), strict=True))
    _, plain = value_and_gradient(net, theta)
    for name in NAMES:
        np.testing.assert_allclose(found[name], 2 * getattr(plain, name)[0], rtol=0, atol=SAME, err_msg=name)
    _, (by_relevancy,) = of_ratings(net.ratings)(values["relevancy"])
    np.testing.assert_allclose(found["relevancy"], 3 * by_relevancy, rtol=0, atol=SAME)


def test_the_models_priors_are_those_the_importance_engine_draws_from(built):
    """Log density of the free variables against the densities worked by hand."""
    from scipy.stats import beta, norm

    net, model = built
    theta = random_theta(net, 1, 7)
    variables, values = inputs_of(model, net, theta)
    from pymc import logp
    from pytensor import function

    evaluate = function([], [logp(model[name], values[name]) for name in values], mode="FAST_COMPILE")
    found = dict(zip(values, evaluate(), strict=True))
    said = net.evidence
    expected = {
        "log_hazard": norm.logpdf(values["log_hazard"], net.baselines.shift, net.baselines.sd),
        "log_hazard_ratio": norm.logpdf(
            values["log_hazard_ratio"], np.log([{"a>b": 2, "a>c": 3, "b>c": 0.5}[n] for n in net.driver_names]), 0.35
        ),
        "logit_if_true": norm.logpdf(values["logit_if_true"], np.log([9, 3 / 7] * 3), 0.4),
        "logit_if_false": norm.logpdf(values["logit_if_false"], np.log([0.25, 1.5] * 3), 0.4),
        "reliability": beta.logpdf(values["reliability"], [8.5, 6.5, 1], [1.5, 3.5, 1]),
        "relevancy": norm.logpdf(values["relevancy"], 3.0, 1.2),
    }
    assert len(variables) == len(expected)
    for name, density in expected.items():
        np.testing.assert_allclose(found[name], density, rtol=0, atol=SAME, err_msg=f"{name} {said.sources}")


@pytest.mark.parametrize(
    "prior",
    [
        {"base_rate": {"events": 2, "years": 11}},
        {"quantity": {"unit": "soldiers", "median": 4000, "interval": [500, 20000], "at_least": 10000}},
    ],
    ids=["base rate", "quantity"],
)
def test_other_priors_enter_the_model_by_what_they_are_about_with_the_right_gradient(prior):
    """Hazards and levels instead of log hazards: the value against the plain likelihood, the gradient by differences."""
    from pytensor import function, grad
    from pytensor.graph.replace import clone_replace

    from engine.belief.model import build_model

    said = {"i": indicator()}
    scenarios = {
        "a": scenario(prior=prior, indicators=said, detection="certain"),
        "b": scenario(0.3, drivers=[{"scenario": "a", "hazard_ratio": 2}], indicators=said),
    }
    reports = [article(report("a/i", "ann"), report("b/i", "bob", "denies"), publisher="ann")]
    net = network(scenarios, reports, date(2024, 12, 1))
    model = build_model(net)
    theta = random_theta(net, 1, 9)
    if "base_rate" in prior:  # a cumulative hazard of 0.3 over the window
        own, about = np.log(0.3), {"hazard_units": np.array([0.3 * net.baselines.rate[0]])}
    else:  # a peak 0.05 below the threshold, in natural logarithms, blurred by 0.1
        own = np.log(-np.log(1 - NormalDist().cdf(-0.05 / 0.1)))
        about = {"log_level": np.array([-0.45]), "headroom": np.array([0.4])}
    log_hazard = np.array([[own + net.baselines.shift[0], theta.log_hazard[0, 1]]])

    values = {variable: getattr(theta, variable)[0] for variable in NAMES[1:]}
    values |= about | {"log_hazard_stated": theta.log_hazard[0, 1:]}
    variables = [model[variable].type() for variable in values]
    given = {model[name]: variable for name, variable in zip(values, variables, strict=True)}
    potential = clone_replace(potentials_of(model)[0], given)
    evaluate = function(variables, [potential, *grad(potential, variables)], mode="FAST_COMPILE")
    value, *gradients = evaluate(*values.values())
    plain = log_likelihood(net, replace(theta, log_hazard=log_hazard))[0]
    assert float(value) == pytest.approx(float(plain), abs=SAME)
    for variable, gradient in zip(values, gradients, strict=True):
        for column in range(len(gradient)):
            step = 1e-5 * np.eye(len(gradient))[column]
            up, down = (evaluate(*(values | {variable: values[variable] + by}).values())[0] for by in (step, -step))
            # a threshold bends over 0.1: third derivatives up to 1e4, times h^2 / 6, are 2e-7
            assert gradient[column] == pytest.approx((up - down) / 2e-5, rel=1e-6, abs=1e-6), variable
