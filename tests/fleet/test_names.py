"""Names of nodes are folded as cluster tools do it, and can be unfolded again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlenv_doctor.fleet.names import LONGEST, folded, safe, shortened, unfolded


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ([f"node{n:04}" for n in range(1, 995)], "node[0001-0994]"),
        (["node0999", "node1000", "node1001"], "node[0999-1001]"),
        (["n1", "n2", "n9", "n10"], "n[1-2,9-10]"),
        (["n7"], "n7"),
        (["login", "n1", "n3"], "login,n[1,3]"),
        (["r1-n1.local", "r1-n2.local", "r2-n1.local"], "r1-n[1-2].local,r2-n1.local"),
        (["n01", "n1"], "n01,n1"),
        ([], ""),
    ],
)
def test_names_in_one_text(names: list[str], text: str) -> None:
    assert folded(names) == text
    assert sorted(unfolded(text)) == sorted(names)


@given(st.lists(st.from_regex(r"[a-z]{1,3}-?[0-9]{0,4}(\.x)?", fullmatch=True), max_size=30, unique=True))
def test_nothing_is_lost(names: list[str]) -> None:
    assert sorted(unfolded(folded(names))) == sorted(names)


@given(st.text(max_size=300))
def test_a_name_is_made_safe(name: str) -> None:
    kept = safe(name)
    assert 0 < len(kept) <= LONGEST and kept.isascii() and not set(kept) & set("[], \n")
    assert unfolded(folded([kept])) == [kept]


@pytest.mark.parametrize("text", ["n[1-", "n[a]", "n[1-9999999999]", "n[1,x]"])
def test_what_was_not_written_so_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        unfolded(text)


def test_a_long_list_is_cut_behind_a_name() -> None:
    text = folded([f"n{n}" for n in range(1, 400, 2)])
    short = shortened(text, 40)
    assert len(short) <= 44 and short.startswith("n[1,3,5,") and short.endswith(",…]")
    assert shortened("n[1-3]") == "n[1-3]"
