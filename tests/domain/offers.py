"""What a refusal says that could be typed instead."""

import re


def offers_in(sentence: str) -> list[str]:
    """Whatever stands in quotation marks after "try"."""
    return re.findall(r'"([^"]+)"', sentence.rpartition("try ")[2])
