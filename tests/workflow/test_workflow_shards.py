"""Shards have like work, lose no case, and depend on nothing but the cases."""

from radpipe.study.shards import CASES_PER_SHARD, deal_shards


def test_every_case_is_dealt_once():
    cases = [f"c{i}" for i in range(51)]
    shards = deal_shards(cases, {case: i for i, case in enumerate(cases)})
    assert sorted(case for shard in shards for case in shard) == sorted(cases)
    assert max(map(len, shards)) <= CASES_PER_SHARD


def test_large_and_small_cases_are_mixed():
    sizes = {f"c{i:02d}": i for i in range(48)}
    loads = [sum(sizes[case] for case in shard) for shard in deal_shards(list(sizes), sizes)]
    assert max(loads) - min(loads) <= 48


def test_the_order_of_the_table_changes_nothing():
    cases = [f"c{i}" for i in range(30)]
    assert deal_shards(cases, {}) == deal_shards(cases[::-1], {})


def test_no_case_is_one_empty_shard():
    assert deal_shards([], {}) == ((),)
