"""Where the work is: cities, regions and countries that a role names as the place of the job, never those of its company or its customers."""

import re
from collections.abc import Iterable, Iterator

from search.attributes.any_case import small_letters
from search.attributes.negation import negated
from search.attributes.regex import regex
from search.records import Reading, Role

# Names that confirm a place. From general knowledge; names that are ordinary words too (Reading, Nice, Mobile) are left to labelled lines.
_COUNTRIES = """
Albania, Algeria, Argentina, Armenia, Australia, Austria, Azerbaijan, Bahrain, Bangladesh, Belarus, Belgium, Bolivia, Bosnia and Herzegovina,
Botswana, Brazil, Bulgaria, Cambodia, Cameroon, Canada, Chile, China, Colombia, Costa Rica, Croatia, Cuba, Cyprus, Czech Republic, Czechia, Denmark,
Dominican Republic, Ecuador, Egypt, El Salvador, England, Estonia, Ethiopia, Finland, France, Georgia, Germany, Ghana, Greece, Greenland, Guam,
Guatemala, Honduras, Hong Kong, Hungary, Iceland, India, Indonesia, Iraq, Ireland, Israel, Italy, Ivory Coast, Jamaica, Japan, Jordan, Kazakhstan,
Kenya, Kosovo, Kuwait, Latvia, Lebanon, Liechtenstein, Lithuania, Luxembourg, Malaysia, Malta, Mauritius, Mexico, Moldova, Monaco, Mongolia,
Montenegro, Morocco, Mozambique, Myanmar, Namibia, Nepal, Netherlands, New Zealand, Nigeria, North Macedonia, Northern Ireland, Norway, Oman,
Pakistan, Panama, Paraguay, Peru, Philippines, Poland, Portugal, Puerto Rico, Qatar, Romania, Rwanda, Saudi Arabia, Scotland, Senegal, Serbia,
Singapore, Slovakia, Slovenia, South Africa, South Korea, Spain, Sri Lanka, Sweden, Switzerland, Taiwan, Tanzania, Thailand, Tunisia, Turkey,
Türkiye, Uganda, Ukraine, United Arab Emirates, United Kingdom, United States of America, United States, Uruguay, Uzbekistan, Venezuela, Vietnam,
Wales, Zambia, Zimbabwe, UK, U.K., USA, U.S., US, UAE, EU, European Union, Europe, Great Britain, NL, Korea
"""
_STATES = """
Alabama, Alaska, Arizona, Arkansas, California, Colorado, Connecticut, Delaware, Florida, Georgia, Hawaii, Idaho, Illinois, Indiana, Iowa, Kansas,
Kentucky, Louisiana, Maine, Maryland, Massachusetts, Michigan, Minnesota, Mississippi, Missouri, Montana, Nebraska, Nevada, New Hampshire,
New Jersey, New Mexico, New York, North Carolina, North Dakota, Ohio, Oklahoma, Oregon, Pennsylvania, Rhode Island, South Carolina, South Dakota,
Tennessee, Texas, Utah, Vermont, Virginia, Washington, West Virginia, Wisconsin, Wyoming, District of Columbia
"""
_STATE_CODES = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS "
    "MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR GU"
)
# Codes of Canada's and Australia's parts stand after a city as those of the US do.
_OTHER_CODES = "ON QC BC AB MB SK NS NB NL NSW VIC QLD TAS ACT"
_REGIONS = """
Alberta, Andalusia, Auvergne, Baden-Württemberg, Bavaria, Bayern, Brandenburg, Brittany, British Columbia, Catalonia, Catalunya, Cornwall,
County Cork, Cumbria, Derbyshire, Devon, Dorset, East Anglia, Essex, Flanders, Gauteng, Greater Manchester, Hampshire, Hertfordshire, Hesse, Hessen,
Île-de-France, Karnataka, Kent, Kildare, KwaZulu-Natal, Lancashire, Lombardy, Lower Saxony, Maharashtra, Manitoba, Midlands, New South Wales,
Norfolk, North Rhine-Westphalia, Nova Scotia, Ontario, Oxfordshire, Quebec, Queensland, Québec, Saxony, Shropshire, Silesia, Skåne, Somerset,
South Australia, Suffolk, Surrey, Sussex, Tamil Nadu, Tasmania, Telangana, Tuscany, Tyrol, Upper Austria, Victoria, West Midlands, Western Australia,
Western Cape, Wiltshire, Worcestershire, Yorkshire, North Yorkshire, South Yorkshire, West Yorkshire, Bay Area, Kanagawa
"""
_CITIES = """
Aachen, Aalborg, Aarhus, Aberdeen, Abu Dhabi, Accra, Adelaide, Ahmedabad, Albany, Albuquerque, Alexandria, Alicante, Almaty, Amsterdam, Anchorage,
Ankara, Ann Arbor, Annapolis, Antwerp, Arlington, Arnhem, Asheville, Athens, Athlone, Atlanta, Auckland, Augsburg, Augusta, Austin, Avonmouth, Baku,
Baltimore, Bangalore, Bangkok, Barcelona, Bari, Basel, Bath, Baton Rouge, Beijing, Beirut, Belfast, Belgrade, Bengaluru, Bergen, Berlin, Bern,
Bethesda, Bielefeld, Bilbao, Billings, Birmingham, Bloomington, Bogotá, Boise, Bologna, Bolton, Bonn, Bordeaux, Boston, Boulder, Bournemouth,
Bradford, Braga, Bratislava, Bremen, Brest, Bridgeport, Brighton, Brisbane, Bristol, Brno, Brooklyn, Brussels, Bucharest, Budapest, Buenos Aires,
Buffalo, Burlington, Bydgoszcz, Cagliari, Cairo, Calgary, Cambridge, Canberra, Canterbury, Cape Town, Cardiff, Carlisle, Casablanca, Catania,
Champaign, Chandigarh, Charleston, Charlotte, Chattanooga, Chelmsford, Chemnitz, Chengdu, Chennai, Cheyenne, Chicago, Christchurch, Cincinnati,
Cleveland, Cluj-Napoca, Coimbra, Cologne, Colorado Springs, Columbia, Columbus, Copenhagen, Córdoba, Cork, Coventry, Crewe, Dallas, Darmstadt,
Darwin, Davenport, Dayton, Delft, Delhi, Denver, Derby, Des Moines, Detroit, Dhaka, Dijon, Doha, Dortmund, Dresden, Dubai, Dublin, Duluth, Dundee,
Durban, Durham, Düsseldorf, Edinburgh, Edmonton, Eindhoven, El Paso, Enschede, Erfurt, Erlangen, Espoo, Essen, Eugene, Exeter, Fargo, Faro, Florence,
Fort Collins, Fort Worth, Frankfurt am Main, Frankfurt, Freiburg, Fresno, Fukuoka, Galway, Gateshead, Gdańsk, Gdansk, Gdynia, Geneva, Genoa, Ghent,
Glasgow, Gloucester, Gothenburg, Göteborg, Göttingen, Grand Rapids, Graz, Grenoble, Groningen, Guadalajara, Guangzhou, Haarlem, Hague, Haifa,
Halifax, Halle, Hamburg, Hamilton, Hanoi, Hanover, Hannover, Harare, Harrisburg, Hartford, Heidelberg, Helsinki, Ho Chi Minh City, Hobart, Honolulu,
Houston, Huddersfield, Hull, Huntsville, Hyderabad, Indianapolis, Ingolstadt, Innsbruck, Inverness, Ipswich, Irvine, Istanbul, İstanbul, Izmir,
İzmir, Jacksonville, Jaipur, Jakarta, Jena, Jersey City, Jerusalem, Johannesburg, Kampala, Kansas City, Karachi, Karlsruhe, Kassel, Kathmandu,
Katowice, Kaunas, Kiel, Kigali, Kilkenny, Kitchener, Klagenfurt, Knoxville, Koblenz, Kobe, Kolkata, Košice, Kraków, Krakow, Kuala Lumpur, Kyiv,
Kyoto, Köln, Lagos, Lahore, Lancaster, Las Vegas, Lausanne, Leeds, Leicester, Leiden, Leipzig, Leuven, Lexington, Liège, Lille, Lima, Limerick,
Lincoln, Linköping, Linz, Lisbon, Lisboa, Little Rock, Liverpool, Ljubljana, Łódź, London, Long Beach, Los Angeles, Louisville, Lublin, Lucerne,
Lund, Luton, Lviv, Lyon, Maastricht, Madison, Madrid, Mainz, Málaga, Malaga, Malmö, Manchester, Manila, Mannheim, Marburg, Marseille, Medellín,
Melbourne, Memphis, Mexico City, Miami, Middlesbrough, Milan, Milton Keynes, Milwaukee, Minneapolis, Minsk, Missoula, Monterrey, Montevideo,
Montpellier, Montreal, Montréal, Montgomery, Mountain View, Mumbai, Munich, München, Münster, Nairobi, Nancy, Nantes, Naples, Nashville, New Delhi,
New Haven, New Orleans, New York City, New York, Newark, Newcastle upon Tyne, Newcastle, Newport, Nicosia, Nijmegen, Norfolk, Northampton, Norwich,
Nottingham, Nuremberg, Nürnberg, Oakland, Odense, Odesa, Oklahoma City, Omaha, Orlando, Osaka, Oslo, Osnabrück, Ostrava, Ottawa, Oxford, Paderborn,
Palermo, Palma, Palo Alto, Paris, Pasadena, Penzance, Perth, Peterborough, Philadelphia, Phoenix, Pisa, Pittsburgh, Pittsfield, Plymouth, Portland,
Porto, Portsmouth, Potsdam, Poznań, Poznan, Prague, Preston, Pretoria, Providence, Pune, Quebec City, Québec City, Quito, Raleigh, Redmond,
Regensburg, Reims, Rennes, Reno, Reykjavik, Reykjavík, Richmond, Riga, Rio de Janeiro, Riyadh, Rochester, Rockville, Rome, Rosario, Rostock,
Rotterdam, Rouen, Sacramento, Salem, Salford, Salt Lake City, Salzburg, San Antonio, San Diego, San Francisco, San José, San Jose, San Juan,
Santa Barbara, Santa Monica, Santander, Santiago, Santiago de Chile, São Paulo, Sarajevo, Savannah, Schiphol, Seattle, Seoul, Seville, Shanghai,
Sheffield, Shenzhen, Shreveport, Shrewsbury, Skopje, Sofia, Southampton, Spokane, Springfield, St Andrews, St. Louis, St. Paul, Stavanger, Stirling,
Stockholm, Stockport, Stoke-on-Trent, Strasbourg, Stuttgart, Sunderland, Swansea, Swindon, Sydney, Syracuse, Szczecin, Tacoma, Taipei, Tallahassee,
Tallinn, Tampa, Tampere, Tartu, Tbilisi, Tel Aviv, Thessaloniki, The Hague, Tilburg, Timișoara, Tirana, Tokyo, Toledo, Topeka, Toronto, Toulouse,
Trento, Trier, Trieste, Trondheim, Tucson, Tulsa, Tunis, Turin, Turku, Twickenham, Tübingen, Ulm, Uppsala, Utrecht, Valencia, Valletta, Valparaíso,
Vancouver, Vantaa, Verona, Vienna, Vilnius, Virginia Beach, Wageningen, Wakefield, Warrington, Warsaw, Washington DC, Washington D.C.,
Washington, D.C., Waterford, Wellington, Wichita, Wiesbaden, Wilmington, Winnipeg, Winterthur, Wolfsburg, Wolverhampton, Worcester, Wrocław, Wroclaw,
Wuppertal, Würzburg, Yokohama, York, Zagreb, Zaragoza, Zug, Zurich, Zürich
"""


def _alternatives(*lists: str) -> str:
    """The names of the lists, the longest first so that "New York City" is tried before "New York"."""
    names = {" ".join(name.split()) for names in lists for name in re.split(r",(?! D\.C)|\n", names) if name.strip()}
    return "|".join(re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name)))


_CODES = "|".join(f"{_STATE_CODES} {_OTHER_CODES}".split())
_WIDE = rf"(?:{_alternatives(_COUNTRIES, _STATES, _REGIONS)}|{_CODES}|Co\.? [A-Z][a-z]+|County [A-Z][a-z]+)(?![\w'’-])"
_CAPITAL = "[A-ZÀ-ÖØ-ÞŁŚŻİ]"
# A word in mixed case: abbreviations and the letters of lists ("A. Tampa, FL") begin no place.
_NAME_WORD = rf"(?:(?:St|Ft|Mt)\.|{_CAPITAL}[a-zà-öø-ÿłńśźżğıćęąěščřžý'’][\w'’-]*)"
_CAPITALISED = rf"{_NAME_WORD}(?: (?:upon |on |de |of )?(?:{_NAME_WORD}|AFB|NP)){{0,3}}"
_CITY = rf"(?:{_alternatives(_CITIES)})(?![\w'’-])"
_COUNTRY = rf"(?:{_alternatives(_COUNTRIES)})(?![\w'’-])"
_KNOWN = regex(rf"{_CITY}(?:, {_WIDE})*|(?:{_alternatives(_STATES, _REGIONS)})(?![\w'’-])(?:, {_COUNTRY})?|{_COUNTRY}")
_KNOWN_CITY = regex(rf"{_CITY}(?:, {_WIDE})*")
_UNKNOWN_CITY = regex(rf"(?!{_alternatives('Remote, Hybrid, Building, Floor, Room, Suite, Box')}){_CAPITALISED}(?:, {_WIDE})+")
_UNKNOWN = regex(
    r"(?!(?:Remote|Hybrid|On|Onsite|Flexible|Anywhere|Various|Multiple|TBD|TBC|Negotiable|See|Home|Our|The|Field|Nationwide|Any|All|Virtual|"
    r"Worldwide|To|Office|Head|"
    r"Building|Floor|Ward|Room|Global|None|Not|No|Yes|Location|Same|As|You|We|This|Based|Many|Several|Other|"
    rf"Unknown)\b){_CAPITALISED}(?:, {_CAPITALISED}){{0,2}}(?=[ \t]*(?:$|[\n|;·(.,–]| -))"
)
# A part of a city, before the city: "Marvila, Lisbon".
_DISTRICT = regex(rf"{_CAPITALISED}, (?={_CITY})")
# Between two places of one list: "Toronto, or remote in Ontario and Quebec", "Dublin 2 or Cork".
_JOINER = regex(
    r"(?: \d{1,2}(?!\d)| city(?: centre)?| centre| area| \([^()\n]{2,30}\))?(?:,? (?:or|and|&)|,|/| /| ·| \||;)? ?"
    r"(?:(?:remote(?:ly)?|hybrid|anywhere|fully|home-based|elsewhere|from|in|within|either|the|our)[ ,]{1,2})*"
)
_LEAD = (
    r"(?:(?:remote(?:ly)?|hybrid|on[- ]?site|fully|flexible|our|the|an?|from|in|within|at|near|based|either|both|offices?|studio|workshop|and|or|"
    r"head|main|home|anywhere|lab|site|campus|"
    r"central|greater|downtown|north|south|east|west|city|of|[,(–-])[ ,]{1,2})*"
)
_LABEL = regex(
    r"(?:^|(?<=[|·•;]) ?|(?<=\. ))(?:- )?(?P<label>(?:work(?:ing)? |job |office |duty |primary )?locations?|place(?: of work)?|where|based in|"
    r"base|offices?|duty (?:station|location)s?|work ?place|city|country|"
    rf"standort|site)[ \t]?(?::|[–-](?= ))[ \t]*(?P<lead>{_LEAD})",
    re.IGNORECASE | re.MULTILINE,
)
_SURE_LABEL = regex(r"location|based in|duty|city|place of work|work ?place|standort", re.IGNORECASE)
_OPTION = regex(rf"^(?:[A-Z]{{1,2}}[.)]|-) (?P<place>{_CAPITALISED}, (?:{_CODES}))$", re.MULTILINE)

_SITE = (
    r"(?:head )?(?:office|studio|lab|laboratory|site|workshop|campus|headquarters|"
    r"hub|warehouse|branch|clinic|store|shop|factory|plant|contact centre|depot|team)\b"
)
_JOB = r"(?:role|position|post|job|work|vacancy|internship|placement|opportunity|post holder)s?"
# Words after which the place of the work stands. (?P<lead>) is passed over.
_SAID = regex(
    rf"(?:\b(?:(?:this|the|your|our) (?:[\w-]+ ){{0,2}}{_JOB} (?:is|are|will be|can be)(?: [\w-]+,?){{0,4}} (?:physically )?(?:based|located|situated) "
    r"(?:in|at|out of|from) |home-based (?:in|within) |(?:role|position|post|job|contract|internship),? based (?:in|at|out of) |"
    r"(?:hybrid|remote(?:ly)?|on[- ]?site|in person)(?:,? (?:working|work|role|position))?,? (?:from|in|within|at|across|anywhere in|out of) |remote \(|"
    r"(?:days?|shifts?)(?: (?:a|per|each|every) (?:week|month|fortnight)| weekly)? (?:in|at) |"
    r"(?:anywhere|wherever you (?:like|want|live|are)) (?:in|within) |"
    r"you(?:['’]ll| will| must| should| need to| can| may)? (?:be based|be located|live|reside|sit|be living|be resident) (?:in|at|within) |"
    r"(?:we expect you|(?:we|the team|your team) (?:sits?|meets?|works?)|(?:mon|tues|wednes|thurs|fri)days?) in |"
    r"join (?:us|our [\w ]{0,25}(?:team|office|studio)) (?:in|at) )|"
    rf"(?:^|(?<=[.;:·|] ))(?:- )?(?:home-|office-)?based (?:in|at|out of) |(?:^|(?<=\. ))(?:office|studio|workplace) in )(?P<lead>{_LEAD})",
    re.MULTILINE,
)
# "Our Leeds office": of this job only where the sentence speaks of it, and not of a journey there.
_OFFICE = regex(rf"\b(?:in|from|at|join|of|to) (?:our|the|\w+['’]s) (?=(?:{_CAPITAL}[\w'’.-]+ ){{1,3}}(?:[a-z]+ )?{_SITE})")
_OF_THIS_JOB = regex(rf"\b(?:you|your|you['’]ll|{_JOB}|hybrid|days?|based|join|opening|looking for|hiring|appoint)\b", re.IGNORECASE)
_ELSEWHERE = regex(
    r"\b(?:travel\w*|trips?|visit\w*|journeys?|customers?|clients?|colleagues?|partners?|suppliers?|users?|sister|other|they|he|she|engineers|"
    r"teams? (?:in|are|is)|company|competitors?|offices? (?:are|were)|"
    r"train\w*|move[sd]?|founded|started|began|incumbents?|support\w*|liais\w+|coordinat\w+|report\w*|once|twice|occasional\w*|quarterly|monthly|"
    r"interview\w*|assessments?|induction|"
    r"meet\w*|assignments?)\b",
    re.IGNORECASE,
)
_TITLE_PLACE = regex(r"(?:[,(–—|@/-] ?|\bin |\bRemote[ ,–-]+)$")
_TITLE_END = regex(r"\s*(?:$|[,)|/–-])")
# A header: a short line near the top that is no sentence.
_HEADER, _LONGEST_HEADER_LINE = 320, 220
_HEADER_EDGE = regex(r"(?:^|\n|[·|] |, |[.;] | - | – | @ |: )(?:(?:remote|hybrid|in person|on[- ]site),? (?:in |from |- )?)?(?=[A-ZÀ-ÖØ-ÞŁŚŻİ])", re.IGNORECASE)
_AFTER_HEADER_PLACE = regex(r"[ \t]*(?:$|[,.;|·(/\n]| or | and |[–-] )|(?: city centre| head office| \d)")
_PROSE = regex(r"(?<![\w-])(?!(?:of|and|or|the|for|de|van|von|in|und|at|you|d|sit|remote|hybrid)\b)[a-zà-ÿ]{2,}\b")
# After a comma these are a part of an organisation's name: "Air Forces, Europe".
_CONTINENT = regex(r"(?<=, )(?:Europe|European Union|EU)\b")
_AMBIGUOUS_CODE = regex(r", (?:MD|MA|PA|MS)$")


def read(role: Role) -> Iterator[Reading]:
    """Every place of the work, in order: those of the title, then those of the text; a bare city is left out where it stands with its country."""
    found = [(role.title, span, True) for span in _in_title(role.title)] + [(role.text, span, False) for span in _outermost(_in_text(role.text))]
    values = [text[start:end] for text, (start, end), _ in found]
    seen: set[str] = set()
    for value, (_, (start, end), in_title) in zip(values, found, strict=True):
        longer = any(other.startswith(f"{value}, ") for other in values)
        if value not in seen and not longer:
            seen.add(value)
            yield Reading("place", value, start, end, in_title=in_title)


def _in_title(title: str) -> Iterator[tuple[int, int]]:
    """Cities that stand apart in the title, or at its end; a country may be a market ("Sales Manager, Germany") unless the work is said to be remote there."""
    for edge in re.finditer(rf"(?<![\w'’-])(?={_CAPITAL})", title):
        before = title[: edge.start()]
        apart = _TITLE_PLACE.search(before)
        match = (_KNOWN if apart and "remote" in before.casefold() else _KNOWN_CITY).match(title, edge.start())
        if match and _TITLE_END.match(title, match.end()) and before.strip() and (apart or _closes_name(title, match)):
            yield match.span()


def _closes_name(title: str, match: re.Match[str]) -> bool:
    """Whether the title ends with the place as the last word of a site's name: "Store Manager, Food Hall Norwich"."""
    before = title[: match.start()]
    return match.end() == len(title) and "," in before and not before.endswith(("of ", "and ", "& ", "for "))


def _outermost(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The spans in order, without those that overlap an earlier or a longer one."""
    last = 0
    for start, end in sorted(set(spans), key=lambda span: (span[0], -span[1])):
        if start >= last:
            last = end
            yield start, end


def _in_text(text: str) -> Iterator[tuple[int, int]]:
    yield from _labelled(text)
    yield from _in_header(text)
    yield from _in_sentences(text)
    for option in _OPTION.finditer(text):
        yield option.span("place")


def _labelled(text: str) -> Iterator[tuple[int, int]]:
    """The places after a label at the beginning of a line: "Location: Leeds"."""
    for label in _LABEL.finditer(text):
        places = list(_listed(text, label.end(), _line_end(text, label.end())))
        if not places and (district := _DISTRICT.match(text, label.end())):
            places = list(_listed(text, district.end(), _line_end(text, district.end())))
        if not places and _SURE_LABEL.search(label["label"]):
            unknown = _UNKNOWN.match(text, label.end())
            places = [unknown.span()] if unknown else []
        yield from places


def _in_header(text: str) -> Iterator[tuple[int, int]]:
    """Places among the names and facts that stand above the first sentence: "Fulda, Germany · Reference RL-2026-117 · permanent"."""
    for edge in _HEADER_EDGE.finditer(text, 0, _HEADER):
        line_start = text.rfind("\n", 0, edge.end()) + 1
        line_end = _line_end(text, edge.end())
        segment = re.split(r"[·|]|[.;] ", text[line_start : edge.end()])[-1]
        if line_end - line_start > _LONGEST_HEADER_LINE or _PROSE.search(segment) or _CONTINENT.match(text, edge.end()):
            continue
        places = list(_listed(text, edge.end(), line_end, known_only=not (segment.count(",") or _ends_in_code(text, edge.end()))))
        if places and _AFTER_HEADER_PLACE.match(text, places[-1][1]):
            yield from places


def _in_sentences(text: str) -> Iterator[tuple[int, int]]:
    """Places after words that speak of where this work is done."""
    for said in _SAID.finditer(small_letters(text)):
        if not _is_elsewhere(text, said.start()) and not negated(text, said.start(), said.end()):
            yield from _listed(text, said.end(), _line_end(text, said.end()))
    for office in _OFFICE.finditer(text):
        match = _KNOWN_CITY.match(text, office.end())
        before = _sentence_before(text, office.end())
        if match and _OF_THIS_JOB.search(before) and not _ELSEWHERE.search(before) and not negated(text, *match.span()):
            yield match.span()


def _listed(text: str, start: int, end: int, *, known_only: bool = False) -> Iterator[tuple[int, int]]:
    """The places of a list that begins at `start`."""
    while match := _KNOWN.match(text, start, end) or (None if known_only else _UNKNOWN_CITY.match(text, start, end)):
        yield match.span()
        joiner = _JOINER.match(text, match.end(), end)
        if joiner is None or joiner.end() == match.end():
            return
        start = joiner.end()


def _ends_in_code(text: str, start: int) -> bool:
    """Whether a city and the code of its state stand here, and no person and her degree ("Jane Smith, MD")."""
    match = re.compile(rf"{_CAPITALISED}, (?:{_CODES})\b").match(text, start)
    return match is not None and not _AMBIGUOUS_CODE.search(match.group())


def _is_elsewhere(text: str, start: int) -> bool:
    return _ELSEWHERE.search(_sentence_before(text, start)) is not None


def _sentence_before(text: str, start: int) -> str:
    return re.split(r"\n|[.;!?:] ", text[max(0, start - 120) : start])[-1]


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end
