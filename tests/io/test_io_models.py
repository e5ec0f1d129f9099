"""Model files: what was altered, foreign or of another version is told in one line."""

import functools
import json
import pickle
import zipfile

import numpy as np
import pytest

from radpipe.core.errors import RadpipeError
from radpipe.io import models
from radpipe.io.model_json import KEYS, read_passport, write_passport
from radpipe.io.model_types import foreign
from radpipe.io.models import OtherVersionWarning, read_model, write_model
from radpipe.models.logistic import Logistic
from radpipe.models.registry import MODELS
from tests.libraries import absent

SMALL = {"xgboost": {"rounds": 5, "tune": "none"}, "random_forest": {"trees": 5}}
KINDS = [k for k in ("logistic", "xgboost", "random_forest") if not absent(MODELS[k])]


def refused(read, path) -> str:
    with pytest.raises(RadpipeError) as error:
        read(path)
    text = str(error.value)
    assert len(text.splitlines()) == 1
    assert str(path) in text
    return text


@pytest.fixture
def stored(tmp_path):
    import pandas as pd

    model = Logistic().fit(pd.DataFrame({"a": [0.0, 1, 2, 3, 1]}), np.array([0, 1, 0, 1, 1]))
    path = tmp_path / "model.skops"
    write_model(path, model)
    return path


def test_a_model_is_read_as_it_was_written(stored):
    assert read_model(stored).intercept_ == pytest.approx(read_model(stored).intercept_)
    with zipfile.ZipFile(stored) as archive:  # still an archive that skops reads
        assert archive.testzip() is None


def test_the_same_fit_gives_the_same_bytes(tmp_path, monkeypatch):
    import pandas as pd

    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(40, 3)), columns=list("abc"))
    y = (X["a"] + rng.normal(size=40) > 0).to_numpy().astype(int)
    for kind in KINDS:
        spec = MODELS[kind].model_validate({"inputs": ["a"], **SMALL.get(kind, {})})
        written, kept = [], []
        for place in ("first", "second"):
            model = spec.build("binary", 0).fit(X.copy(), y)
            model.twice_ = [X.to_numpy()] * 2  # an array that stands in two places
            kept.append(model)  # so that the other lies elsewhere in memory
            write_model(tmp_path / place, model)
            written.append((tmp_path / place).read_bytes())
            monkeypatch.setattr("zipfile.time.time", lambda: 1e9)
        assert written[0] == written[1]
        again = read_model(tmp_path / "first")
        np.testing.assert_array_equal(again.predict_risk(X), kept[0].predict_risk(X))
        np.testing.assert_array_equal(again.twice_[1], X.to_numpy())


def test_one_changed_byte_anywhere_is_told(stored):
    whole = stored.read_bytes()
    for place in np.linspace(0, len(whole) - 1, 40).astype(int):
        changed = bytearray(whole)
        changed[place] ^= 1
        stored.write_bytes(bytes(changed))
        assert "do not use it" in refused(read_model, stored)
    stored.write_bytes(whole[:-1])
    refused(read_model, stored)


def test_foreign_files_are_refused(tmp_path):
    path = tmp_path / "model.skops"
    for content in (b"", b"some text", pickle.dumps({"a": 1})):
        path.write_bytes(content)
        refused(read_model, path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("schema.json", "{}")
    refused(read_model, path)
    assert "cannot be read" in refused(read_model, tmp_path / "nothing.skops")


def test_a_sealed_file_with_a_foreign_type_is_refused(tmp_path):
    path = tmp_path / "model.skops"
    model = Logistic()
    model.extra_ = functools.partial(print, "run")
    write_model(path, model)
    assert "no model of radpipe is made of" in refused(read_model, path)


def test_only_estimators_settings_and_listed_types_are_allowed():
    allowed = ["radpipe.models.cox.Cox", "radpipe.preparation.scale.ScaleSpec", "numpy.dtype",
               "radpipe.selection.projection.Projection", "xgboost.core.Booster"]  # fmt: skip
    wrong = ["os.system", "radpipe.models.cox.risk_at", "radpipe.models.cox.Nothing",
             "radpipe.models.nothing.Cox", "radpipe.workflow.run.run_study", "sklearn.os.system",
             "radpipe.models.cox.Literal", "numpy.load", "xgboost.core.os"]  # fmt: skip
    assert foreign(allowed + wrong) == wrong


def test_other_versions_are_told(stored, monkeypatch):
    here = models.versions
    monkeypatch.setattr(models, "versions", lambda *n: here(*n) | {"scikit-learn": "0.1"})
    with pytest.warns(OtherVersionWarning, match=r"made by scikit-learn .* 0\.1 is installed"):
        read_model(stored)


def test_a_passport_is_sealed(tmp_path):
    path = tmp_path / "model.json"
    whole = dict.fromkeys(KEYS, 0)
    write_passport(path, {**whole, "model": "年龄", "values": [0.1, 1e-300, 3, 2.0]})
    found = read_passport(path)
    assert found["model"] == "年龄"
    assert found["values"] == [0.1, 1e-300, 3, 2.0]
    text = path.read_text(encoding="utf-8")
    path.write_text(json.dumps(json.loads(text), indent=4), encoding="utf-8")
    assert read_passport(path) == found  # as another program lays it out
    path.write_text(text.replace("0.1", "0.2"), encoding="utf-8")
    assert "altered" in refused(read_passport, path)
    path.write_text(text.replace('"format_version": 1', '"format_version": 9'), encoding="utf-8")
    assert "of format 9" in refused(read_passport, path)
    for content in ("", "[1]", '{"format": "other"}'):
        path.write_text(content)
        refused(read_passport, path)
    with pytest.raises(ValueError, match="JSON compliant"):
        write_passport(path, {"value": float("nan")})


def test_a_passport_that_lacks_a_key_is_refused_though_its_seal_fits(tmp_path):
    path = tmp_path / "model.json"
    write_passport(path, {key: 0 for key in KEYS if key not in ("submodels", "estimator")})
    assert "incomplete, without submodels, estimator; do not use it" in refused(read_passport, path)
