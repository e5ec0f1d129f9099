"""Settings chosen by ``kind:`` (`radpipe.core.kinds`)."""

from radpipe.core.kinds import OneOf

__all__ = ["OneOf"]
