"""Which editions of the master can be given back: those that stand in no file and in no open book."""

from __future__ import annotations

from syncer.live_files import UnseenEditions


def test_an_edition_that_was_never_placed_nor_written_is_given_back_once_another_is_there() -> None:
    unseen = UnseenEditions()
    unseen.handed(43, is_on_disk=False)
    unseen.reported(43, wrote=False)
    assert unseen.unseen(43) == set()
    assert unseen.unseen(44) == {43}
    unseen.forget(43)
    assert unseen.unseen(44) == set()


def test_one_that_the_open_book_may_hold_or_that_stood_on_the_disk_is_not() -> None:
    unseen = UnseenEditions()
    unseen.handed(42, is_on_disk=True)
    unseen.handed(43, is_on_disk=False)
    unseen.handed(44, is_on_disk=False)
    for number, wrote in ((42, False), (43, True), (44, False)):
        unseen.reported(number, wrote=wrote)
    unseen.placed(44)
    assert unseen.unseen(45) == set()


def test_one_in_the_workers_hands_is_not_until_every_job_with_it_was_reported_or_replaced() -> None:
    unseen = UnseenEditions()
    unseen.handed(43, is_on_disk=False)
    unseen.handed(43, is_on_disk=False)
    unseen.reported(43, wrote=False)
    assert unseen.unseen(44) == set()
    unseen.taken_back(43)
    assert unseen.unseen(44) == {43}
