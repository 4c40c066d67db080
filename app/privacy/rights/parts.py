"""The parts of a request that the policy names (S76, S77): which are missing, and which of them stop the clock.

A missing part is asked for; nobody is turned away for one. Through the shop's own interface a login or a proved e-mail
address stands for the signature, the moment is ours, and the address for letters is the e-mail (ЗЗЛД чл. 37в: a request
may be made by actions in the interface after identification; fact sheet 7.3). To withdraw a consent, and to object to
marketing, nothing is needed but the wish (S18, S72).
"""

from app.privacy.rights.models import Against, Part, RequestKind, RightsRequest, Via

OURS = frozenset({Via.ACCOUNT, Via.EMAIL_PROOF})
"""Who came this way is known by it."""

# Without one of these it is not known who asks, what for, or where to send the answer; the others are formalities,
# and while they are asked for the clock goes on.
NEEDED = (
    Part.NAME,
    Part.DESCRIPTION,
    Part.SIGNATURE,
    Part.CORRESPONDENCE_ADDRESS,
    Part.POWER_OF_ATTORNEY,
)


def needs_no_form(request: RightsRequest) -> bool:
    """Say whether the wish is enough; not when somebody else says that it is somebody's wish."""
    is_simple = request.kind is RequestKind.WITHDRAWAL or request.against is Against.MARKETING
    return is_simple and request.proxy_name is None


def missing_parts(request: RightsRequest) -> list[Part]:
    """Name the parts that are not there, in the policy's order."""
    if needs_no_form(request):
        return []
    is_there = {
        Part.NAME: request.name is not None,
        Part.ADDRESS: request.address is not None,
        Part.DESCRIPTION: request.text is not None,
        Part.PREFERRED_FORM: request.preferred_form is not None,
        Part.SIGNATURE: request.is_signed or request.via in OURS,
        Part.DATE: request.dated_on is not None,
        Part.CORRESPONDENCE_ADDRESS: request.correspondence_address is not None or request.email is not None,
        Part.POWER_OF_ATTORNEY: request.proxy_name is None or request.has_power_of_attorney,
    }
    return [part for part, there in is_there.items() if not there]


def stops_the_clock(request: RightsRequest) -> bool:
    """Say whether a part is missing without which there is nothing to decide."""
    known = {Part.NAME} if request.via in OURS and request.proxy_name is None else set()
    return not ({*NEEDED} - known).isdisjoint(missing_parts(request))
