"""Measurements, one module each. The host's package comes first: it sets what numpy reads when it is imported."""

import bot  # noqa: F401 - see above
