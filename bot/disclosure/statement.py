"""What a file says of its origin, as an XMP packet."""

from __future__ import annotations

import json
import uuid
from enum import StrEnum
from typing import Final
from xml.sax.saxutils import quoteattr

PRODUCER: Final = "Haishin"
#: The vocabulary of the IPTC, which photo tools and platforms read.
_VOCABULARY: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
#: Namespace of the standard GB 45438-2025.
_AIGC: Final = "http://www.tc260.org.cn/ns/AIGC/1.0/"


class Origin(StrEnum):
    """How much of a file a model made, in the words of the IPTC."""

    GENERATED = "trainedAlgorithmicMedia"
    #: A picture of a show: generated parts among drawn and filmed ones.
    PARTLY = "compositeWithTrainedAlgorithmicMedia"


#: One plain sentence for programs that show a comment and know no XMP.
COMMENTS: Final = {
    Origin.GENERATED: "AI generated / AI生成",
    Origin.PARTLY: "Contains AI generated parts / 含AI生成内容",
}


def xmp(origin: Origin) -> bytes:
    """Return an XMP packet that states the origin; each call numbers its file anew."""
    label = {
        "Label": "1",  # 1: it is generated, as the standard numbers it
        "ContentProducer": PRODUCER,
        "ProduceID": uuid.uuid4().hex,
        "ReservedCode1": "",
        "ContentPropagator": "",
        "PropagateID": "",
        "ReservedCode2": "",
    }
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        f' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:TC260="{_AIGC}"'
        f' Iptc4xmpExt:DigitalSourceType="{_VOCABULARY}{origin}" xmp:CreatorTool="{PRODUCER}"'
        f" TC260:AIGC={quoteattr(json.dumps(label))}/>"
        '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()
