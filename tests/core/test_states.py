"""What a shop's words mean: by the whole phrase, in the languages that init knows."""

import pyarrow as pa
import pytest

from seglib.core.sources.together import one_column
from seglib.core.states import flag_state, kind_of, state_of

STATES = {
    "done": ["Completed", "wc-processing", "Closed Won", "bezahlt", "expédiée", "отправлен", "発送済み", "not shipped"],
    "unpaid": [
        "pending payment",
        "PENDING_PAYMENT",
        "not paid",
        "Awaiting Payment",
        "en attente de paiement",
        "待付款",
    ],
    "failed": ["Payment Error", "Declined", "Zahlung fehlgeschlagen", "pago rechazado", "Closed Lost", "支付失败"],
    "cancelled": ["Canceled", "storniert", "Order annulée", "anulowane", "Cancelled by customer", "已取消"],
    "refunded": ["order_refunded", "Rückerstattet", "remboursé", "zwrócone", "chargeback", "返金済み"],
    "draft": ["Draft Order", "Quotation", "Entwurf", "devis", "черновик"],
    "test": ["test", "Test order", "Testbestellung"],
}


@pytest.mark.parametrize("meaning", STATES)
def test_states_are_told_apart_by_the_whole_phrase(meaning: str) -> None:
    """A word that means something alone means what its phrase means."""
    assert {text: state_of(text) for text in STATES[meaning]} == dict.fromkeys(STATES[meaning], meaning)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("requires_payment_method", "unpaid"),
        ("requiresPaymentMethod", "unpaid"),
        ("awaiting fulfillment", "done"),
        ("pending shipment", "done"),
        ("partially_refunded", "done"),
        ("Nicht storniert", "done"),
        ("not refunded", "done"),
        ("paid + refunded", "refunded"),
        ("pending + fulfilled", "unpaid"),
        ("refunded + cancelled", "cancelled"),
        ("PayPal Canceled Reversal", "done"),
        ("Cierre perdido", "failed"),
        ("Warten auf Überweisung", "unpaid"),
        ("Dibatalkan", "cancelled"),
        ("7", None),
        ("", None),
    ],
)
def test_negations_parts_and_several_columns(text: str, meaning: str | None) -> None:
    """A negation turns a word, a part of a refund is no refund of all, and of several columns the worst counts."""
    assert state_of(text) == meaning


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ACCREC", "sale"),
        ("ACCPAY", "ignore"),
        ("accreccredit", "refund"),
        ("Charge", "sale"),
        ("payment refund", "refund"),
        ("Transfer", "ignore"),
        ("Bank transfer to own account", "ignore"),
        ("Gutschrift", "refund"),
        ("Credit Card", "sale"),
        ("Direct Credit Card Payment", "sale"),
        ("Chargeback Reversal", "sale"),
        ("General PayPal Debit Card Transaction", "ignore"),
        ("blue", None),
    ],
)
def test_kinds_of_rows(text: str, kind: str | None) -> None:
    """Sales, refunds and money that only moves are told apart."""
    assert kind_of(text) == kind


@pytest.mark.parametrize(
    ("header", "cells", "read"),
    [
        ("is_cancelled", ["X", "", "true", "0"], ["cancelled", None, "cancelled", None]),
        ("Refunded", ["yes", "no", "ja", None], ["refunded", None, "refunded", None]),
        ("Cancelled at", ["2026-05-07 09:00", None, "0000-00-00", "7.5.2026"], ["cancelled", None, None, "cancelled"]),
        ("bezahlt", ["ja", "nein", None, "1"], ["bezahlt", "not bezahlt", "not bezahlt", "bezahlt"]),
        ("Financial Status", ["paid", "0", None, "yes"], ["paid", "0", None, "yes"]),
    ],
)
def test_flags_are_read_by_the_name_of_their_column(
    header: str, cells: list[str | None], read: list[str | None]
) -> None:
    """A column whose name says a state says it where a cell says yes or holds a time."""
    values = pa.array([cell or None for cell in cells], pa.string())

    assert one_column("status", [(header, values)]).to_pylist() == read


def test_a_heading_about_states_is_no_flag() -> None:
    """Only a name that is a state, but for small words, makes a flag."""
    assert [flag_state(name) for name in ("Order status", "isRefunded", "storniert am", "Payment method")] == [
        None,
        "refunded",
        "storniert",
        None,
    ]


def test_a_word_that_says_no_more_than_that_a_record_is_there_is_no_state() -> None:
    """An active order of one system is open, an active contract of another is paid: nobody may guess."""
    assert state_of("Active") is None
