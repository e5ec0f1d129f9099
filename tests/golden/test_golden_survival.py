"""Survival curves, log-rank tests, concordance, AUC and Brier score at a horizon against R."""

import numpy as np
from legacy import check, expected, table

from radpipe.stats import concordance, ipcw, logrank, survival
from radpipe.stats.group_tests import p_adjust

KINDS = {"log": "log", "loglog": "log-log", "plain": "plain", "arcsin": "arcsin", "logit": "logit"}


def interval(e):
    return [e.lower, e.upper]


def test_km_lung():
    frame = table("km_lung")
    values = expected("km_lung")["values"]
    got = {}
    for name in ("all", "male", "female"):
        part = frame if name == "all" else frame[frame["sex"] == name]
        t, d = part["time"].to_numpy(float), part["status"].to_numpy()
        got[name] = {}
        for key in ("log", "loglog", "plain"):
            km = survival.kaplan_meier(t, d, KINDS[key])
            times = np.array(values[name][key]["time"], float)
            lower, upper = km.interval_at(times)
            q25, q75 = survival.quantile(km, 0.25), survival.quantile(km, 0.75)
            got[name][key] = {
                "surv": km.at(times),
                "std_err_greenwood": km.se_at(times),
                "lower": lower,
                "upper": upper,
                "n_risk": survival.at_risk(t, times),
                "median": km.median.estimate,
                "median_ci95": interval(km.median),
                "q25": q25.estimate,
                "q25_ci95": interval(q25),
                "q75": q75.estimate,
                "q75_ci95": interval(q75),
            }
        mean = survival.restricted_mean(km, values[name]["rmean_to_max"]["tau"])
        follow = survival.follow_up(t, d)
        hazard = km.cumulative_hazard[np.searchsorted(km.times, times, side="right") - 1]
        got[name] |= {
            "n": km.n,
            "events": km.n_events,
            "rmean_to_max": {"rmean": mean.estimate, "se": mean.se},
            "followup_median_reverse_km": follow.estimate,
            "followup_reverse_km_ci95_loglog": interval(follow),
            "cumhaz_nelson_aalen": hazard,
            "fleming_harrington_surv": np.exp(-hazard),
        }
    order = frame["sex"].map({"male": 0, "female": 1}).to_numpy()
    t, d = frame["time"].to_numpy(float), frame["status"].to_numpy()
    plain, peto = logrank.log_rank(t, d, order), logrank.log_rank(t, d, order, "peto")
    known = frame["ph.ecog"].notna().to_numpy()
    ecog = frame["ph.ecog"].to_numpy()[known]
    layered = logrank.log_rank(t[known], d[known], order[known], strata=ecog)
    for key, test in (
        ("logrank_sex", plain),
        ("peto_peto_sex_rho1", peto),
        ("logrank_sex_strata_ecog", layered),
    ):
        got[key] = {
            "n": test.n,
            "observed": test.observed,
            "expected": test.expected,
            "chisq": test.statistic,
            "df": test.df,
            "p": test.p,
        }
    for key, kind in (("gehan_breslow_sex", "gehan"), ("tarone_ware_sex", "tarone-ware")):
        test = logrank.log_rank(t, d, order, kind)
        got[key] = {"chisq": test.statistic, "p": test.p}
    got["logrank_check"] = {"chisq": plain.statistic, "p": plain.p}
    got["logrank_hr_pike_female_vs_male"] = logrank.hazard_ratio_pike(plain)
    check("km_lung", got, 391)


def test_km_conf_types():
    got = {}
    for name, part in table("km_conf_types").groupby("set"):
        got[name] = {}
        for key, conf in KINDS.items():
            km = survival.kaplan_meier(part["time"], part["status"], conf)
            got[name][key] = {
                "time": km.times,
                "n_risk": km.at_risk,
                "n_event": km.events,
                "n_censor": km.censored,
                "surv": km.survival,
                "lower": km.lower,
                "upper": km.upper,
                "median": km.median.estimate,
                "median_lower": km.median.lower,
                "median_upper": km.median.upper,
            }
    check("km_conf_types", got, 1715)


def test_logrank_multi():
    frame = table("logrank_multi")
    t, d = frame["time"].to_numpy(float), frame["status"].to_numpy()
    g = frame["celltype"].to_numpy()
    test = logrank.log_rank(t, d, g)
    pairs = logrank.pairwise(t, d, g)
    names = [f"{b}|{a}" for a, b in pairs]
    raw = np.array(list(pairs.values()))
    third = np.digitize(frame["karno"], [50, 70.5])
    karno = logrank.log_rank(t, d, third)
    trend = logrank.trend(karno, [1, 2, 3])
    peto = logrank.log_rank(t, d, g, "peto")
    got = {
        "celltype": {
            "groups": list(test.groups),
            "n": test.n,
            "observed": test.observed,
            "expected": test.expected,
            "chisq": test.statistic,
            "df": test.df,
            "p": test.p,
        },
        "pairwise": {
            key: dict(zip(names, p_adjust(raw, how), strict=True))
            for key, how in (
                ("none", "none"),
                ("BH", "BH"),
                ("bonferroni", "bonferroni"),
                ("holm", "holm"),
            )
        },
        "trend_karno_3_groups": {
            "chisq_trend": trend.statistic,
            "p_trend": trend.p,
            "chisq_heterogeneity": karno.statistic,
            "observed": karno.observed,
            "expected": karno.expected,
        },
        "wilcoxon_peto_rho1": {"chisq": peto.statistic, "p": peto.p},
    }
    check("logrank_multi", got, 54)


def counts(c):
    return {
        "concordant": c.concordant,
        "discordant": c.discordant,
        "tied.x": c.tied_x,
        "tied.y": c.tied_y,
        "tied.xy": c.tied_xy,
    }


def test_concordance():
    frame, toy = table("concordance"), table("concordance", "input_ties.csv")
    t, d = frame["time"].to_numpy(float), frame["status"].to_numpy()
    got = {}
    for key, column in (("lp1", "lp1"), ("lp2_ordinal_ties", "lp2"), ("age", "age")):
        e = concordance.harrell(t, d, frame[column])
        pairs = counts(concordance.pair_counts(t, d, frame[column]))
        got[key] = {"c": e.estimate, "se": e.se, "ci95": interval(e), "counts": pairs}
    test = concordance.harrell_paired(t, d, frame["lp1"], frame["lp2"])
    got["compare_lp1_lp2"] = {
        "c": [got["lp1"]["c"], got["lp2_ordinal_ties"]["c"]],
        "diff": test.estimate,
        "se_diff": test.se,
        "z": test.statistic,
        "p": test.p,
        "diff_ci95": interval(test),
    }
    e = concordance.harrell(toy["time"], toy["status"], toy["x"])
    pairs = counts(concordance.pair_counts(toy["time"], toy["status"], toy["x"]))
    got["toy_ties"] = {"c": e.estimate, "se": e.se, "counts": pairs, "hmisc": e.estimate}
    got["uno_survC1"] = {
        f"lp1_tau{tau}": concordance.uno(t, d, frame["lp1"], tau).estimate for tau in (500, 730)
    }
    got["uno_survival_timewt_nG2"] = {
        "lp1": concordance.uno(t, d, frame["lp1"]).estimate,
        "lp1_ymax_500": concordance.uno(t, d, frame["lp1"], 500).estimate,
        "lp1_ymax_730": concordance.uno(t, d, frame["lp1"], 730).estimate,
    }
    check("concordance", got, 48)


def test_td_auc():
    frame = table("td_auc")
    t, d = frame["time"].to_numpy(float), frame["status"].to_numpy()
    horizons = expected("td_auc")["values"]["lp"]["times"]
    scores = {"lp": frame["lp"], "bili": frame["bili"], "minus_albumin": -frame["albumin"]}
    got = {}
    for name, x in scores.items():
        es = [ipcw.auc_at(t, d, x, h) for h in horizons]
        got[name] = {
            "auc": [e.estimate for e in es],
            "se": [e.se for e in es],
            "ci95": [interval(e) for e in es],
            "cumulative_cases": [e.events for e in es],
        }
    tests = [ipcw.auc_at_paired(t, d, scores["lp"], scores["bili"], h) for h in horizons]
    got["compare_lp_vs_bili"] = {
        "p": [x.p for x in tests],
        "diff": [x.estimate for x in tests],
    }
    check("td_auc", got, 68)


def test_brier():
    frame = table("brier_ibs")
    t, d = frame["time"].to_numpy(float), frame["status"].to_numpy()
    horizons = expected("brier_ibs")["values"]["times"]
    got = {}
    km = survival.kaplan_meier(t, d)
    null = [ipcw.brier_at(t, d, np.full(t.size, 1 - km.at(h)), h).estimate for h in horizons]
    for model in ("A", "B"):
        risks = [1 - frame[f"{model}_S{h}"] for h in horizons]
        briers = [ipcw.brier_at(t, d, r, h) for r, h in zip(risks, horizons, strict=True)]
        aucs = [ipcw.auc_at(t, d, r, h) for r, h in zip(risks, horizons, strict=True)]
        got[model] = {
            "brier": [e.estimate for e in briers],
            "ipa": [1 - e.estimate / b for e, b in zip(briers, null, strict=True)],
            "auc": [e.estimate for e in aucs],
            "auc_se": [e.se for e in aucs],
        }
        if model == "A":
            got[model] |= {
                "brier_se": [e.se for e in briers],
                "brier_lower": [e.lower for e in briers],
                "brier_upper": [e.upper for e in briers],
                "auc_lower": [e.lower for e in aucs],
                "auc_upper": [e.upper for e in aucs],
            }
    got["null_km_brier"] = null
    check("brier_ibs", got, 210)
