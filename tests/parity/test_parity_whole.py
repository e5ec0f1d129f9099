"""Every feature of every case of the cohort equals PyRadiomics' (about an hour of PyRadiomics)."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, as_completed

import pytest
from parity_cases import patients_of
from reference import compare_case

pytest.importorskip("radiomics", reason="PyRadiomics is not installed")


@pytest.fixture
def pool(monkeypatch):
    """A process a core; new ones, so that they read the environment and compute on one thread."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "1")
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=fresh) as processes:
        yield processes


@pytest.mark.whole
@pytest.mark.parametrize("modality", ["MR", "PET"])
@pytest.mark.parametrize("setting", ["a", "b"])
def test_every_case(sarcoma, pool, setting, modality):
    patients = patients_of(sarcoma, modality)
    assert len(patients) == 51
    jobs = {pool.submit(compare_case, sarcoma, modality, p, setting): p for p in patients}
    features, worst, beyond = 0, 0.0, []
    for number, job in enumerate(as_completed(jobs), 1):
        found = job.result()
        features += found.features
        worst = max(worst, found.worst)
        beyond += [f"{jobs[job]} {difference}" for difference in found.beyond]
        print(
            f"  {number}/{len(jobs)} {modality} {jobs[job]}, {found.features} features, "
            f"{len(found.beyond)} beyond, {found.seconds:.1f} s",
            flush=True,
        )
    print(
        f"setting {setting}, {modality}: {len(jobs)} cases, {features} features compared, worst "
        f"{worst:.1e}, {len(beyond)} beyond 1e-6" + "".join(f"\n    {line}" for line in beyond)
    )
    assert not beyond
