"""The audit trail: append-only, in chains of hashes. Services note here what they do; `verification` checks it.

```python
audit.note(session, actor, "accounts.password.changed", about=audit.Subject("account", account.id))
```
"""

from registry_core.audit.services import note, note_export, note_read
from registry_core.audit.values import Change, Changes, Doer, FieldClass, Stranger, Subject, Taken, compare

__all__ = [
    "Change",
    "Changes",
    "Doer",
    "FieldClass",
    "Stranger",
    "Subject",
    "Taken",
    "compare",
    "note",
    "note_export",
    "note_read",
]
