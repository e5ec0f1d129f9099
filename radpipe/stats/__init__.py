"""Statistics: arrays in, small frozen results out; the numbers are R's (``tests/golden``).

Each line names the modules of one topic, the one to begin with first.

Shared
    results, samples, design, clusters, influence, bootstrap_counts, ascent, roots
Discrimination
    roc, rocpoints, placements, auc_variance, delong, delong_several, auc_bootstrap, counted_roc,
    multiclass, mean_auc, confusion, cutoffs, twobytwo, proportions, accuracy_tests
Agreement
    icc, icc_forms, icc_mcgraw_wong, icc_reml, kappa, kappa_many, bland_altman, lin_ccc,
    method_comparison, overlap
Describing and comparing groups
    group_tests, t_tests, rank_tests, exact_ranks, hodges_lehmann, signed_ranks, variance_tests,
    normality, kolmogorov_smirnov, describe, effect_sizes, baseline, summaries, p_values, screening,
    screening_groups, screening_numbers, shapiro_many
Several groups, repeated measures
    multigroup, posthoc, posthoc_ranks, simultaneous, trend, repeated_measures, mixed_model
Counts
    contingency, counts, fisher_exact, matched, stratified
Correlation
    correlation, exact_spearman, partial_correlation, correlation_filter
Regression
    linear, linear_diagnostics, logistic, logistic_likelihood, logistic_refits, profile, separation,
    multinomial, ordinal, splines, terms, stepwise, stepwise_p, model_tests, vif, rubin
Calibration of risks
    calibration, calibration_measures, calibration_groups, smooth, loess, hosmer_lemeshow,
    le_cessie, giviti, recalibration, risk_update
Performance without optimism
    optimism, performance, performance_cox, validate_logistic, validate_cox
Survival
    survival, logrank, rmst, maxstat, maxstat_p, logrank_split, logrank_pairs, parametric_survival,
    parametric_likelihood, subgroups
Cox's model
    cox, cox_likelihood, cox_exact, cox_residuals, proportional_hazards, cox_curves, cox_refits,
    cox_weighted
Concordance with survival
    concordance, concordance_censoring, pairs
Competing risks
    cumulative_incidence, gray, fine_gray, fine_gray_likelihood, competing_scores
Prediction at a horizon
    ipcw, censoring, event_risk, td_auc, td_auc_alternatives, brier_survival, calibration_surv,
    calibration_surv_curve, calibration_competing
Net benefit and reclassification
    netbenefit, netbenefit_bands, reclassification, reclassification_parts,
    reclassification_bootstrap, reclassification_survival, improvement_survival
Penalised paths and ranking of features
    lasso, lasso_path, lasso_cv, lasso_descent, lasso_kernels, lasso_multinomial,
    lasso_multinomial_kernels, lasso_grouped_kernels, mrmr, mrmr_discrete,
    neighbour_information, neighbour_kernels
Nomograms
    nomogram, nomogram_risks
Harmonisation and scaling
    combat, combat_input, combat_prior, scaling
Planning
    sample_size, expected_shrinkage, anticipated_r2, power
"""
