"""Strategies for every noun that is written as bytes, and one plain example of each shape."""

from hypothesis import strategies as st

from comity.model.answer import (
    Answer,
    Attestation,
    KeyFields,
    Reason,
    Step,
    UnitReport,
    UnitState,
    VoiceCall,
)
from comity.model.duty import ChainStep, Unanswered
from comity.model.given import (
    PRESSURE_HEIGHT_MM_MAX,
    PRESSURE_HEIGHT_MM_MIN,
    QNH_PA_MAX,
    QNH_PA_MIN,
    GivenHeights,
    HeightDatum,
    HeightLimit,
    Qnh,
    Terrain,
)
from comity.model.message import VALUES_MAX, Message, MessageAnswer, ReadBack
from comity.model.notice import (
    FORBIDDEN_FIELDS,
    Amendment,
    Code,
    Confidence,
    Craft,
    Declaration,
    Domain,
    HazardBasis,
    Onward,
    Purpose,
    Transition,
)
from comity.model.phrasebook import Values
from comity.model.quantity import LAT_E7_MAX, LON_E7_MAX, Position
from comity.model.report import HazardReport, Stance
from comity.model.request import (
    STANDBY_MINUTES_MAX,
    Decision,
    DeclineReason,
    Reply,
    Request,
    Wanted,
)
from comity.model.volume import (
    HEIGHT_MM_MAX,
    HEIGHT_MM_MIN,
    RADIUS_MM_MAX,
    UNCERTAINTY_MM_MAX,
    UNCERTAINTY_US_MAX,
    WINDOW_US_MAX,
    Circle,
    Corridor,
    HeightBand,
    Polygon,
    Uncertainty,
    Volume4D,
    Window,
)

INSTANT_US_MIN = 946_684_800_000_000  # 2000-01-01T00:00:00Z
INSTANT_US_MAX = 4_102_444_800_000_000 - 1  # the last microsecond of 2099
NOON_US = 1_790_078_400_000_000  # 2026-09-22T12:00:00Z
MINUTE_US = 60_000_000
ID = bytes(range(32))

ids = st.binary(min_size=32, max_size=32)
instants = st.integers(INSTANT_US_MIN, INSTANT_US_MAX)
positions = st.builds(
    Position,
    lat_e7=st.integers(-LAT_E7_MAX, LAT_E7_MAX),
    lon_e7=st.integers(-LON_E7_MAX, LON_E7_MAX),
)


def words(chars_max: int, chars_min: int = 0) -> st.SearchStrategy[str]:
    """Free text as the model takes it: printable, one line, no space at either end."""
    printable = st.characters(codec="utf-8", exclude_categories=("C", "Z"), include_characters=" ")
    return st.text(printable, min_size=chars_min, max_size=chars_max).filter(
        lambda text: text == text.strip() and text.isprintable()
    )


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """Any window, up to 400 days long."""
    start_us = draw(instants)
    end_us = draw(st.integers(start_us, min(start_us + WINDOW_US_MAX, INSTANT_US_MAX)))
    return Window(start_us=start_us, end_us=end_us)


@st.composite
def bands(draw: st.DrawFn) -> HeightBand:
    """Any height band."""
    lower_mm = draw(st.integers(HEIGHT_MM_MIN, HEIGHT_MM_MAX))
    return HeightBand(lower_mm=lower_mm, upper_mm=draw(st.integers(lower_mm, HEIGHT_MM_MAX)))


rings = st.lists(positions, min_size=3, max_size=6).map(tuple)
footprints = st.one_of(
    st.builds(Circle, centre=positions, radius_mm=st.integers(1, RADIUS_MM_MAX)),
    st.builds(
        Polygon,
        vertices=rings,
        holes=st.just(()) | st.lists(rings, min_size=1, max_size=3).map(tuple),
    ),
    st.builds(
        Corridor,
        vertices=st.lists(positions, min_size=2, max_size=6).map(tuple),
        half_width_mm=st.integers(1, RADIUS_MM_MAX),
    ),
)


@st.composite
def givens(draw: st.DrawFn) -> GivenHeights:
    """Any heights as given, with what they need."""
    datums = st.sampled_from(HeightDatum)
    pairs = st.tuples(datums, datums).filter(lambda pair: set(pair) != {HeightDatum.WGS84})
    chosen = draw(pairs)
    by_pressure = {HeightDatum.PRESSURE, HeightDatum.FLIGHT_LEVEL}
    heights = [
        draw(
            st.integers(PRESSURE_HEIGHT_MM_MIN, PRESSURE_HEIGHT_MM_MAX)
            if datum in by_pressure
            else st.integers(HEIGHT_MM_MIN, HEIGHT_MM_MAX)
        )
        for datum in chosen
    ]
    if chosen[0] is chosen[1]:
        heights.sort()
    lower, upper = (
        HeightLimit(datum=datum, height_mm=height_mm)
        for datum, height_mm in zip(chosen, heights, strict=True)
    )
    told = by_pressure & set(chosen)
    must = HeightDatum.PRESSURE in chosen or (told and draw(st.booleans()))
    ground = sorted(draw(st.tuples(*[st.integers(HEIGHT_MM_MIN, HEIGHT_MM_MAX)] * 2)))
    over = draw(st.sampled_from((HeightDatum.WGS84, HeightDatum.MSL)))
    terrain = Terrain(datum=over, lower_mm=ground[0], upper_mm=ground[1])
    return GivenHeights(
        lower=lower,
        upper=upper,
        qnh=draw(qnhs) if must else None,
        isa_deviation_c=draw(st.none() | st.integers(-60, 40)) if told else None,
        terrain=terrain if HeightDatum.AGL in chosen else None,
    )


qnhs = st.builds(Qnh, pressure_pa=st.integers(QNH_PA_MIN, QNH_PA_MAX), at_us=instants)
uncertainties = st.builds(
    Uncertainty,
    lateral_mm=st.integers(0, UNCERTAINTY_MM_MAX),
    vertical_mm=st.integers(0, UNCERTAINTY_MM_MAX),
    time_us=st.integers(0, UNCERTAINTY_US_MAX),
)
volumes = st.builds(
    Volume4D,
    footprint=footprints,
    heights=bands(),
    window=windows(),
    uncertainty=uncertainties,
    given=st.none() | givens(),
)
volume_lists = st.lists(volumes, min_size=1, max_size=3).map(tuple)
bases = st.builds(
    HazardBasis,
    source=words(280, 1),
    confidence=st.sampled_from(Confidence),
    expires_us=instants,
)


@st.composite
def declarations(draw: st.DrawFn) -> Declaration:
    """Any declaration: operation, presence or hazard."""
    code = draw(st.sampled_from((Code.NOTIFY, Code.PROTECT, Code.HAZARD)))
    needs = st.none() | st.integers(0, 7 * 86_400 * 1_000_000)
    return Declaration(
        code=code,
        purpose=draw(st.sampled_from(Purpose)),
        domain=draw(st.sampled_from(Domain)),
        craft=draw(st.sampled_from(Craft)),
        onward=draw(st.sampled_from(Onward)),
        name=draw(words(40)),
        volumes=draw(volume_lists),
        needs_us=draw(needs) if code is Code.PROTECT else None,
        basis=draw(bases) if code is Code.HAZARD else None,
    )


amendments = st.builds(Amendment, of=ids, volumes=volume_lists)
transitions = st.builds(
    Transition,
    of=ids,
    code=st.sampled_from((Code.START, Code.END, Code.RELEASE, Code.CANCEL)),
    at_us=instants,
)
notices = st.one_of(declarations(), amendments, transitions)

key_fields = st.builds(
    KeyFields,
    start_us=instants,
    end_us=instants,
    points=st.lists(positions, min_size=1, max_size=4).map(tuple),
    lower_mm=st.integers(HEIGHT_MM_MIN, HEIGHT_MM_MAX),
    upper_mm=st.integers(HEIGHT_MM_MIN, HEIGHT_MM_MAX),
)


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """Any answer."""
    step = draw(st.sampled_from(Step))
    return Answer(
        of=draw(ids),
        step=step,
        role=draw(words(40, 1)),
        reason=draw(st.sampled_from(Reason)) if step is Step.UNABLE else None,
        read_back=draw(key_fields) if step is Step.READ_BACK else None,
    )


attestations = st.builds(
    Attestation,
    of=ids,
    units=st.lists(
        st.builds(UnitReport, handle=ids, state=st.sampled_from(UnitState), at_us=instants),
        min_size=1,
        max_size=4,
        unique_by=lambda unit: unit.handle,
    ).map(tuple),
)
calls = st.builds(
    VoiceCall,
    other=words(40, 1),
    received_us=st.none() | instants,
    start_us=st.none() | instants,
    area_stated=st.none() | st.booleans(),
    words=words(280),
    account_of=words(40, 1),
)

requests = st.builds(
    Request, of=ids, wanted=st.sampled_from(Wanted), by_us=instants, words=words(40)
)


@st.composite
def replies(draw: st.DrawFn) -> Reply:
    """Any reply."""
    decision = draw(st.sampled_from(Decision))
    minutes = draw(st.integers(1, STANDBY_MINUTES_MAX))
    return Reply(
        of=draw(ids),
        decision=decision,
        role=draw(words(40, 1)),
        reason=draw(st.sampled_from(DeclineReason)) if decision is Decision.DECLINED else None,
        standby_us=minutes * MINUTE_US if decision is Decision.STANDBY else None,
        words=draw(words(40)),
    )


message_codes = st.from_regex(r"[A-Z]{1,2}[0-9]?", fullmatch=True)
languages = st.from_regex(r"[a-z]{2,3}", fullmatch=True)
value_names = st.from_regex(r"[a-z]{1,9}(?:-[a-z]{1,9})?", fullmatch=True).filter(
    lambda name: name.replace("-", "_") not in FORBIDDEN_FIELDS
)
values: st.SearchStrategy[Values] = st.dictionaries(
    value_names,
    st.integers(-(1 << 63), (1 << 63) - 1) | st.text(max_size=20) | positions,
    max_size=VALUES_MAX,
).map(lambda found: tuple(sorted(found.items())))
messages = st.builds(
    Message,
    code=message_codes,
    role=words(40, 1),
    values=values,
    about=st.none() | ids,
    language=languages,
    words=words(140),
)


unanswered = st.builds(
    Unanswered,
    of=ids,
    step=st.sampled_from(
        [ChainStep.SEEN, ChainStep.READ_BACK, ChainStep.RELAYED, ChainStep.ANSWERED]
    ),
    due_us=instants,
    at_us=instants,
)


@st.composite
def message_answers(draw: st.DrawFn) -> MessageAnswer:
    """Any answer to a message."""
    of = draw(ids)
    return MessageAnswer(
        code=draw(message_codes),
        of=of,
        role=draw(words(40, 1)),
        values=draw(values),
        read_back=draw(st.none() | st.builds(ReadBack, id=st.just(of), values=values)),
        language=draw(languages),
        words=draw(words(140)),
    )


@st.composite
def hazard_reports(draw: st.DrawFn) -> HazardReport:
    """Any report on a hazard."""
    stance = draw(st.sampled_from(Stance))
    areas = volume_lists if stance is Stance.NARROWS else volume_lists | st.just(())
    return HazardReport(
        of=draw(ids),
        stance=stance,
        source=draw(words(280, 1)),
        confidence=draw(st.sampled_from(Confidence)),
        volumes=draw(areas),
    )


def volume(
    *, lat: float = 35.5, lon: float = 35.8, radius_m: float = 40_000.0, start_us: int = NOON_US
) -> Volume4D:
    """A plain circle, one hour long, from the ground to 10 km."""
    centre = Position(lat_e7=round(lat * 1e7), lon_e7=round(lon * 1e7))
    return Volume4D(
        footprint=Circle(centre=centre, radius_mm=round(radius_m * 1_000)),
        heights=HeightBand(lower_mm=0, upper_mm=10_000_000),
        window=Window(start_us=start_us, end_us=start_us + 60 * MINUTE_US),
    )


def declaration(
    *volumes: Volume4D,
    code: Code = Code.NOTIFY,
    onward: Onward = Onward.NONE,
    craft: Craft = Craft.NONE,
    name: str = "",
) -> Declaration:
    """A plain declaration; a hazard gets a basis."""
    basis = HazardBasis(
        source="air defence duty officer", confidence=Confidence.CONFIRMED, expires_us=NOON_US
    )
    return Declaration(
        code=code,
        purpose=Purpose.MILITARY_ACTIVITY,
        domain=Domain.AIR,
        craft=craft,
        onward=onward,
        name=name,
        volumes=volumes or (volume(),),
        basis=basis if code is Code.HAZARD else None,
    )
