"""Made-up studies, made once."""

from __future__ import annotations

import outputs_making
import pytest


@pytest.fixture(scope="session")
def binary():
    return outputs_making.study("binary")


@pytest.fixture(scope="session")
def simulated():
    return outputs_making.study("simulated")


@pytest.fixture(scope="session")
def survival():
    return outputs_making.study("survival")


@pytest.fixture(scope="session")
def tiny():
    return outputs_making.study("tiny")
