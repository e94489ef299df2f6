"""The verb *digests*: who is owed which mail, and when."""

from feedsvc.digests.addresses import Address, AddressHasher, check_value, normalise_address
from feedsvc.digests.importing import ImportReport, import_table
from feedsvc.digests.register import Details, Register
from feedsvc.digests.returns import Outcome, ReturnReceipt, Returns
from feedsvc.digests.table import RowFault, Table, export_lines
from feedsvc.digests.wishes import COLUMNS, Defaults, Wish, read_wish

__all__ = [
    "COLUMNS",
    "Address",
    "AddressHasher",
    "Defaults",
    "Details",
    "ImportReport",
    "Outcome",
    "Register",
    "ReturnReceipt",
    "Returns",
    "RowFault",
    "Table",
    "Wish",
    "check_value",
    "export_lines",
    "import_table",
    "normalise_address",
    "read_wish",
]
