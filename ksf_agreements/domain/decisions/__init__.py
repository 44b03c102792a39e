"""May this be recorded? Pure answers: a payload to append, or a refusal that says what to do instead.

What is only unusual (a missing approval, signing not opened) is warned of, never refused: a signature that was given
was given. Each function sees the agreement as it is known, and the day of today; it changes nothing.
"""

from ksf_agreements.domain.decisions.base import Decision, Refused, not_in_future, party_of, same_fact, the_version
from ksf_agreements.domain.decisions.participation import (
    accede,
    addendum_signers,
    copy_notice,
    give_notice,
    notice_to_party,
    running_notice,
    withdraw_notice,
)
from ksf_agreements.domain.decisions.signatures import confirm_absence, decline, lift_reservation, sign

__all__ = [
    "Decision",
    "Refused",
    "accede",
    "addendum_signers",
    "confirm_absence",
    "copy_notice",
    "decline",
    "give_notice",
    "lift_reservation",
    "not_in_future",
    "notice_to_party",
    "party_of",
    "running_notice",
    "same_fact",
    "sign",
    "the_version",
    "withdraw_notice",
]
