"""Certificates, licences and clearances that a role asks for or prefers; a gazetteer over all trades."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from search.attributes.asking import is_left_out
from search.attributes.negation import negated
from search.records import Reading, Role

# One certificate a line: its canonical name, then what else it is called. Matched as whole words; names in capitals as they stand, others in any case.
# "'" stands for either apostrophe, "-" also for a blank, "licence" also for "license".
_NAMED = """
CISSP | Certified Information Systems Security Professional
CISM | Certified Information Security Manager
CISA | Certified Information Systems Auditor
CRISC
CGEIT
CCSP | Certified Cloud Security Professional
SSCP
CSSLP
CAP certification
CEH | Certified Ethical Hacker
OSCP | Offensive Security Certified Professional
OSCE
OSWE
OSEP
CREST | CREST certified | CREST CRT
GSEC
GCIH
GCIA
GCFA
GPEN
GREM
GWAPT
GIAC
CompTIA Security+ | Security+
CompTIA Network+ | Network+
CompTIA A+
CompTIA CySA+ | CySA+
CompTIA CASP+ | CASP+
CompTIA Linux+ | Linux+
CompTIA PenTest+ | PenTest+
CompTIA Server+
CompTIA Cloud+
SC-100
SC-200
SC-300
AZ-104
AZ-204
AZ-305
AZ-400
AZ-500
AZ-900
DP-203
DP-300
DP-900
PL-300
MS-900
AI-102
CIPP/E | CIPP-E
CIPP/US
CIPP
CIPM
CIPT
ISO 27001 Lead Auditor | ISO/IEC 27001 Lead Auditor
ISO 27001 Lead Implementer | ISO/IEC 27001 Lead Implementer
ISO 9001 Lead Auditor
Blue Team Level 1 | BTL1
CCNA | Cisco Certified Network Associate
CCNP | Cisco Certified Network Professional
CCIE
CCENT
JNCIA
JNCIP
NSE 4
PCNSE
CWNA
RHCSA | Red Hat Certified System Administrator
RHCE | Red Hat Certified Engineer
LPIC-1 | LPIC
LFCS
VCP | VMware Certified Professional
MCSE
MCSA
MCP certification
CKA | Certified Kubernetes Administrator
CKAD | Certified Kubernetes Application Developer
CKS | Certified Kubernetes Security Specialist
Terraform Associate | HashiCorp Certified
AWS Certified Solutions Architect | AWS Solutions Architect Associate | AWS Solutions Architect Professional
AWS Certified Developer
AWS Certified SysOps Administrator
AWS Certified DevOps Engineer
AWS Certified Security
AWS Certified Machine Learning
AWS Certified Data Engineer
AWS Certified Cloud Practitioner | AWS Cloud Practitioner
AWS certification | AWS certified | AWS certifications
Azure certification | Azure certified | Microsoft Certified | Azure certifications
Google Cloud certification | GCP certification | Google Cloud certified | Google Professional Cloud Architect
Google Analytics certification | Google Analytics certified
Google Ads certification | Google Ads certified
HubSpot certification | HubSpot certified
Salesforce Certified Administrator | Salesforce Administrator certification | Salesforce Admin certification
Salesforce certification | Salesforce certified | Salesforce certifications
ServiceNow Certified System Administrator | ServiceNow certification
SAP certification | SAP certified
Oracle Certified Professional | OCP certification | Oracle certified
Databricks certification | Databricks certified
Snowflake certification | SnowPro
Power BI certification
Tableau certification | Tableau certified | Tableau Desktop Specialist
dbt certification
TOGAF | TOGAF certification
ArchiMate certification
ITIL | ITIL Foundation | ITIL certification | ITIL v4 | ITIL 4
COBIT certification
PRINCE2 | PRINCE 2 | PRINCE2 Practitioner | PRINCE2 Foundation
PMP | Project Management Professional
PMI-ACP
PgMP
CAPM | Certified Associate in Project Management
MSP Practitioner
APM Project Management Qualification | APM PMQ
AgilePM | AgilePM Practitioner
IPMA
Scrum Master certification | Certified Scrum Master | CSM certification | Certified ScrumMaster | PSM I | PSM II | Professional Scrum Master
Scrum Master certification | Scrum Master certificate
Scrum Product Owner certification | CSPO | Certified Scrum Product Owner | PSPO | Professional Scrum Product Owner
SAFe certification | SAFe Agilist | SAFe certified | SAFe Practitioner | SAFe SPC
ICAgile certification
ISTQB | ISTQB Foundation | ISTQB certification | ISTQB certificate
CBAP
CCBA
BCS certification | BCS Business Analysis | BCS Foundation
Six Sigma Green Belt | Lean Six Sigma Green Belt | Six Sigma certification | Green Belt certification
Six Sigma Black Belt | Lean Six Sigma Black Belt
CPACC
CPUX | CPUX-F
CPA | Certified Public Accountant | CPA licence | CPAs
ACCA
ACA qualification | ACA-qualified | ICAEW
CIMA
CGMA
AAT | AAT Level 3 | AAT Level 4 | AAT qualification
CFA | Chartered Financial Analyst | CFA charter
CIA certification | Certified Internal Auditor
CFE | Certified Fraud Examiner
CMA certification | Certified Management Accountant
CFP | Certified Financial Planner
FRM certification | Financial Risk Manager certification
CAIA
ACAMS | CAMS certification | CAMS certified
Enrolled Agent
CIPFA
ACT qualification
CISI
FSA actuary | Fellow of the Society of Actuaries | Associate of the Society of Actuaries
Series 6
Series 7 | FINRA Series 7
Series 24
Series 63
Series 65
Series 66
SIE exam | Securities Industry Essentials
insurance licence | property and casualty licence | life and health licence | P&C licence
real estate licence | real estate broker licence | realtor licence
mortgage licence | NMLS licence | NMLS
CPP certification | Certified Payroll Professional
notary public | notary commission
SHRM-CP
SHRM-SCP
PHR certification | Professional in Human Resources
SPHR
CIPD | CIPD Level 3 | CIPD Level 5 | CIPD Level 7 | Chartered MCIPD
WorldatWork CCP
CIPS | CIPS Level 4 | MCIPS
APICS | CPIM | CSCP | APICS certification
CLTD
CPSM
CBCP
CBCI
bar admission | admitted to the bar | bar membership | licensed to practice law | member of the bar | bar licence | admission to the bar
bar admission | Volljurist | Volljuristin
solicitor qualification | qualified solicitor | admitted solicitor | SRA admission
CILEX
SQE | SQE1 | SQE2
LPC qualification
paralegal certificate | certified paralegal | paralegal certification
RN licence | registered nurse licence | RN licensure | licensed registered nurse | licence as a registered nurse | nursing licence
RN licence | registered nurse licensure | registered nurse license
LPN licence | licensed practical nurse licence | LVN licence | practical nurse licence | licensed practical nurse licensure
NMC registration | NMC registered | registered with the NMC | NMC PIN | Nursing and Midwifery Council registration
HCPC registration | HCPC registered | registered with the HCPC
GMC registration | GMC registered
GPhC registration | GPhC registered
nurse practitioner licence | nurse practitioner certification | NP licence | APRN licence | APRN licensure
CNA certification | certified nursing assistant | CNA licence | nursing assistant certification
medical licence | licence to practice medicine | physician licence | medical licensure
board certification | board certified | board-certified | board eligible
DEA registration | DEA licence
pharmacist licence | licensed pharmacist | pharmacy licence | licence to practice pharmacy
pharmacy technician certification | certified pharmacy technician | CPhT
dental licence | dental hygienist licence | dental hygiene licence
physical therapist licence | physical therapy licence | licensed physical therapist | physical therapist licensure
occupational therapist licence | occupational therapy licence | NBCOT
speech-language pathology licence | CCC-SLP
psychologist licence | licensed psychologist | psychology licence
LCSW | Licensed Clinical Social Worker | LMSW | social work licence | social worker licence | Licensed Independent Clinical Social Worker | LICSW
LPC licence | Licensed Professional Counselor | LPMHC
LMFT | Licensed Marriage and Family Therapist
Social Work England registration | registered with Social Work England
veterinary licence | licensed veterinarian | licence to practice veterinary medicine
radiography certification | ARRT | ARRT certification
ARDMS
MLS certification | ASCP | MLS(ASCP) | MT(ASCP)
medical coding certification | CPC certification | RHIA | RHIT
CCRN
NREMT
EMT certification | EMT-B | EMT licence | certified EMT | Emergency Medical Technician certification
paramedic licence | paramedic certification | paramedic registration
phlebotomy certification | certified phlebotomist
medical assistant certification | certified medical assistant
registered dietitian | Registered Dietitian certification | RDN | registered dietician
CCRP | CCRC | ACRP certification
GCP certificate | Good Clinical Practice certificate | ICH-GCP certificate
BLS certification | BLS | Basic Life Support
ACLS certification | ACLS | Advanced Cardiac Life Support | Advanced Cardiovascular Life Support
PALS certification | Pediatric Advanced Life Support
Care Certificate
CACHE qualification | NVQ in childcare
Child Development Associate | CDA credential
teaching licence | teaching certificate | teacher certification | teaching certification | teaching credential | teacher licence
teaching licence | teaching qualification | state teaching licence | teacher's licence
QTS | Qualified Teacher Status
PGCE
TEFL | TESOL certificate | CELTA | TEFL certificate
library certification | MLIS accreditation
driving licence | driver's licence | drivers licence | driver licence | driving permit | Führerschein | clean driving record
driving licence | full UK driving licence | motor vehicle operator's licence
CDL | commercial driver's licence | commercial driving licence | commercial drivers licence | Class A CDL | Class B CDL
HGV licence | LGV licence | Class 1 licence | Class 2 licence | C+E licence | Category C licence | HGV Class 1 | HGV Class 2
PCV licence | D1 licence
Driver CPC | CPC driver qualification
motorcycle licence
forklift licence | forklift certificate | forklift certification | forklift truck licence | counterbalance licence
forklift licence | forklift operator licence | reach truck licence | fork lift licence
crane operator licence | crane operator certification | NCCCO
pilot licence | commercial pilot certificate | commercial pilot licence | ATPL | airline transport pilot certificate
pilot licence | airline transport pilot licence | private pilot licence
remote pilot certificate | Part 107
flight instructor certificate | CFII
A&P licence | airframe and powerplant licence | A&P certificate | airframe and powerplant certificate | FAA A&P | Airframe and Powerplant
air traffic control licence
merchant mariner credential | merchant mariner's document | STCW
boat licence | coxswain's licence
TWIC | Transportation Worker Identification Credential
HAZMAT endorsement | hazmat certification | hazardous materials endorsement | ADR certificate | ADR licence
valid passport | current passport
security clearance | SC clearance | DV clearance | secret clearance | Top Secret clearance | TS/SCI | TS/SCI clearance
security clearance | top secret security clearance | secret security clearance | SC cleared | DV cleared | Q clearance | L clearance
security clearance | CTC clearance | BPSS clearance | BPSS | NATO clearance | SCI access
public trust clearance | public trust
DBS check | enhanced DBS | DBS clearance | DBS certificate | enhanced disclosure | DBS checked
PVG membership | PVG scheme
Garda vetting
working with children check | working-with-children check
SIA licence | SIA door supervisor licence | door supervisor licence
guard card | security guard licence | guard licence
firearms licence | firearms certification | firearm permit | weapons permit | concealed carry permit
Firefighter I | Fire Fighter I
Firefighter II
police certification | POST certification | peace officer certification
lifeguard certification | lifeguard certificate | certified lifeguard
Wilderness First Responder
personal trainer certification | certified personal trainer
Certified Strength and Conditioning Specialist | CSCS certification
food handler certificate | food handler's card | food handlers card | food handler card | food handler's certificate | food handler permit
food handler certificate | food handler's permit | food handler licence
ServSafe
food hygiene certificate | Level 2 Food Hygiene | food safety certificate | food safety certification | Level 2 Food Safety | Level 3 Food Safety
HACCP certificate | HACCP certification
alcohol licence | personal licence | responsible beverage service | TIPS certification | bartending licence
cosmetology licence | barber licence | esthetician licence | licensed cosmetologist
massage therapy licence | licensed massage therapist
electrician licence | electrical licence | licensed electrician | journeyman electrician | master electrician licence | journeyman licence
18th Edition | 18th Edition Wiring Regulations | BS 7671
plumbing licence | licensed plumber | plumber's licence
Gas Safe registration | Gas Safe registered | Gas Safe
F-Gas certificate | F-Gas certification | F-Gas
EPA 608 | EPA 608 certification | EPA Section 608
HVAC certification | HVAC licence | NATE certification
welding certification | certified welder | AWS welding certification | welder certification | welding certificate
CSCS card
CPCS card | CPCS
ECS card
IPAF
PASMA
scaffolding card | CISRS
confined space certificate
asbestos certification | asbestos licence
pesticide applicator licence | pesticide licence | applicator certification | pesticide certification | pesticide applicator's licence
water treatment operator licence | wastewater operator licence | wastewater operator certification | water operator certification
boiler operator licence | boiler licence | stationary engineer licence
OSHA 10 | OSHA 10-hour
OSHA 30 | OSHA 30-hour
NEBOSH | NEBOSH General Certificate | NEBOSH Diploma
IOSH | IOSH Managing Safely
SMSTS
SSSTS
CSP certification | Certified Safety Professional
CIH certification | Certified Industrial Hygienist
SafeTALK
HAZWOPER | 40-hour HAZWOPER
PE licence | Professional Engineer licence | licensed professional engineer | professional engineering licence
PE licence | registered professional engineer | PE registration | Professional Engineer registration
EIT certification | Engineer in Training | FE exam
Chartered Engineer | CEng
Incorporated Engineer | IEng
architect licence | licensed architect | registered architect | ARB registration | RIBA Part 3
LEED | LEED AP | LEED Green Associate
surveyor licence | licensed surveyor | MRICS | RICS | Chartered Surveyor | RICS qualified
NCIDQ
CAD certification | Certified SolidWorks Professional
NDT certification | ASNT Level II | ASNT | PCN Level 2
API 510
IPC-A-610 | IPC certification
CQE certification | Certified Quality Engineer | ASQ certification
FAC-C | FAC-C certification
FAC-P/PM
FAC-COR
DAWIA | DAWIA certification | DAWIA Level II | DAWIA Level III
DoD 8570 | IAT Level II | IAT Level III | IAM Level II | IAM Level III | DoD 8140
Certified Contracts Manager | NCMA certification | CFCM
Chartered Marketer | CIM qualification | CIM diploma
CMP certification | Certified Meeting Professional
IATA certificate | IATA certification
CFM certification | Certified Facility Manager
animal handling licence
falconry licence
chainsaw certificate | chainsaw licence
tachograph card | driver card
"""
# Names that mean other things too, or name a skill as often as its certificate: only beside a word that says certificate.
_NAMED_IN_CONTEXT = """
first aid certificate | first aid | First Aid | first aider
CPR certification | CPR | CPR/AED | cardiopulmonary resuscitation
PE licence | PE
CIA certification | CIA
CMA certification | CMA
PHR certification | PHR
CSM certification | CSM
FRM certification | FRM
CAMS certification | CAMS
CSP certification | CSP
CPC certification | CPC
EIT certification | EIT
MLS certification | MLS
RN licence | RN | registered nurse
LPN licence | LPN | LVN
EMT certification | EMT
CNA certification | CNA
PMI certification | PMI
ACA qualification | ACA
Six Sigma certification | Six Sigma | Lean Six Sigma
Scrum Master certification | Scrum Master | Scrum
Salesforce certification | Salesforce
AWS certification | AWS
Azure certification | Azure
forklift licence | forklift | fork lift
hazmat certification | hazmat
welding certification | welding
A+ certification | A+
"""
_CERTIFYING = r"certif\w+|licen[cs]\w+|accredit\w+|credential\w*|qualif\w+|chartered|registration|designation|clearance|card\b"
_CERTIFIED_AFTER = re.compile(
    rf"(?:/[\w+]+| and [\w+]+| & [\w+]+|, [\w+]+,? (?:and|or) [\w+]+| or [\w+]+)? ?\(?(?:{_CERTIFYING}|exam\b|training certificate|trained\b)|"
    r",? (?:or )?(?:ACCA|CIMA|CPA|CISM|CISSP)\b",
    re.IGNORECASE,
)
_CERTIFIED_BEFORE = re.compile(
    rf"(?:\b(?:{_CERTIFYING})[ -](?:in |as |for |of |as an? |to |with )?(?:a |an |the |current |valid |registered )*"
    r"(?:[\w/+-]+, |[\w/+-]+,? (?:and|or) ){0,4}|\b(?:current|valid|active|unrestricted)(?: [\w-]+){0,2} )$",
    re.IGNORECASE,
)
_OTHER_AFTER = re.compile(
    r"[- ]?(?:framework|principles|process(?:es)?\b|methodolog\w+|practices|guidelines|standards?\b|model\b|campaigns?|targets?|bids?|per acquisition|"
    r"office\b|agency\b|guidance|services\b|purposes|accredit\w*|Manual\b|Depreciation|(?:[\w-]+ )?(?:software|information system)|suspended|"
    r"student membership)",
    re.IGNORECASE,
)
# Where the letters stand for something else, or the certificate is somebody else's.
_OTHER_BEFORE = re.compile(
    r"(?:\b(?:Association|Program|Programme|Society|Council|Bureau) \(?|\bsupervision of (?:an? )?|\bnon-|\bever had a |\b(?:their|customers['’]|"
    r"citizens['’]|visitors['’]) (?:[\w-]+,? ){0,3})$",
    re.IGNORECASE,
)
_OFFERED_BEFORE = re.compile(
    r"\b(?:we (?:will |'ll |also )?(?:pay|fund|cover|sponsor|offer|support|provide|help|train|arrange|put)\w*|you(?:['’]ll| will) (?:get|earn|gain|receive|"
    "learn|study|work towards|be (?:trained|supported)|leave with)|"
    r"(?:paid|funded|sponsored|reimbursed|covered|arranged) (?:for )?by us|paid for|paid\b|at our (?:cost|expense)|opportunit(?:y|ies) to|"
    "support(?:ed)? (?:for|to|towards)|toward[s]?|study leave|"
    r"training (?:for|towards)|allowance for|budget for|reimburse\w*|as (?:evidence|proof) of identity|provid(?:es?|ing) (?:training|instruction)|teach\w*|"
    "instructs?|clients?|customers?|issu(?:es?|ing)|"
    r"review(?:s|ing)?|process(?:es|ing)?|verif(?:y|ies|ying)|grant(?:s|ing)?|apply for|applications? for|inspect\w*|monitor\w*|maintain(?:s|ing)? records|"
    r"administer\w*|perform\w*)\b[^.;!?\n]{0,60}$",
    re.IGNORECASE,
)
_OFFERED_AFTER = re.compile(
    r"[^.;!?\n]{0,40}\b(?:paid (?:for|by us)|funded|sponsored|(?:is|are|will be) provided|(?:training )?supplied|(?:exam )?fees? (?:included|paid)|we (?:pay|"
    r"fund|cover|arrange|train)|on us\b|at our (?:cost|expense)|"
    r"arranged (?:and paid )?by us|will be (?:paid|arranged|covered)|if you want)",
    re.IGNORECASE,
)
_SKIPPED_SECTIONS = frozenset({"benefits", "apply"})
_TASKS = frozenset({"responsibilities"})
_LINE = 300
_CLEARLY_ASKED = re.compile(r"\b(?:must|required?|requires|hold|valid|need|possess|maintain|obtain|condition of employment)\b", re.IGNORECASE)
_BEFORE = 90
_WORD = re.compile(r"[A-Za-zÀ-ÿ0-9][\w+]*")


@dataclass(frozen=True, slots=True)
class Mention:
    """A certificate that a text names, and where: text[start:end]."""

    certificate: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Name:
    """One way to write a certificate: the expression of its words, and whether it needs a word beside it that says certificate."""

    certificate: str
    expression: str
    is_abbreviation: bool
    length: int
    needs_context: bool

    @property
    def pattern(self) -> re.Pattern[str]:
        """The name in a text: an abbreviation as it is written, words in any case."""
        return _compiled(self.expression, re.NOFLAG) if self.is_abbreviation else self.pattern_in_query

    @property
    def pattern_in_query(self) -> re.Pattern[str]:
        """The name in a query, where all may be in small letters."""
        return _compiled(self.expression, re.IGNORECASE)


@cache
def _compiled(expression: str, flags: re.RegexFlag) -> re.Pattern[str]:
    """Compiled where a text first needs it: all of them at once would be felt at every start of the program."""
    return re.compile(expression, flags)


def _named(certificate: str, name: str, needs_context: bool) -> _Name:
    """A name with its expression."""
    words = re.escape(name).replace("'", "['’]").replace(r"\-", r"[- ]").replace(r"\ ", r"[ -]").replace("licence", "licen[cs]e")
    is_abbreviation = sum(letter.isupper() for letter in name) * 2 >= sum(letter.isalpha() for letter in name)
    return _Name(certificate, rf"{words}{'' if is_abbreviation else 's?'}(?![\w+#])", is_abbreviation, len(name), needs_context)


def _names() -> dict[str, tuple[_Name, ...]]:
    """All names by their first word in lower case, the longest first."""
    by_word: dict[str, list[_Name]] = {}
    for rows, needs_context in ((_NAMED, False), (_NAMED_IN_CONTEXT, True)):
        for row in rows.strip().splitlines():
            certificate, *others = row.split(" | ")
            for name in others if needs_context else (certificate, *others):
                for first in {word.casefold() for word in _WORD.findall(name)[:1]}:
                    by_word.setdefault(first, []).append(_named(certificate, name, needs_context))
    return {word: tuple(sorted(names, key=lambda name: (-name.length, name.needs_context))) for word, names in by_word.items()}


_NAMES = _names()
CERTIFICATES: tuple[str, ...] = tuple(sorted({name.certificate for names in _NAMES.values() for name in names}))
"""The canonical names of all certificates that are known."""


def read(role: Role) -> Iterator[Reading]:
    """The certificates that title and text ask for or prefer, each once, where it first stands; none that are offered or part of the work."""
    in_text = (mention for mention in _asked(role.text) if not is_left_out(role, mention.start, _SKIPPED_SECTIONS) and not _stands_among_tasks(role, mention))
    seen: set[str] = set()
    for in_title, found in ((True, _asked(role.title)), (False, in_text)):
        for mention in found:
            if mention.certificate not in seen:
                seen.add(mention.certificate)
                yield Reading("certificates", mention.certificate, mention.start, mention.end, in_title)


def mentions(text: str) -> list[Mention]:
    """The certificates that a query asks for, in order; in a query abbreviations need no capitals.

    >>> [mention.certificate for mention in mentions("driver's license, CISSP or CISM; we pay for your PMP")]
    ['driving licence', 'CISSP', 'CISM']
    """
    return _asked(text, in_query=True)


def denied(text: str) -> list[Mention]:
    """The certificates that a text says are not had or not needed, in order."""
    return _asked(text, denied=True)


def _asked(text: str, *, in_query: bool = False, denied: bool = False) -> list[Mention]:
    found: list[Mention] = []
    last_end = 0
    for word in _WORD.finditer(text):
        first = word.group().casefold()
        names = _NAMES.get(first) or _NAMES.get(first.rstrip("+"))
        if not names or word.start() < last_end:
            continue
        for name in names:
            match = (name.pattern_in_query if in_query else name.pattern).match(text, word.start())
            if match and _is_asked(text, *match.span(), name.needs_context, denied=denied):
                found.append(Mention(name.certificate, *match.span()))
                last_end = match.end()
                break
    return found


def _is_asked(text: str, start: int, end: int, needs_context: bool, *, denied: bool) -> bool:
    before = text[max(0, start - _BEFORE) : start]
    if needs_context and not (_CERTIFIED_AFTER.match(text, end) or _CERTIFIED_BEFORE.search(before)):
        return False
    if _OTHER_BEFORE.search(before) or _OFFERED_BEFORE.search(before) or _OFFERED_AFTER.match(text, end) or _OTHER_AFTER.match(text, end):
        return False
    return negated(text, start, end) is denied


def _stands_among_tasks(role: Role, mention: Mention) -> bool:
    """Whether a mention stands where tasks are told, and is not plainly demanded there."""
    if not is_left_out(role, mention.start, _TASKS):
        return False
    line_start = role.text.rfind("\n", 0, mention.start) + 1
    return not _CLEARLY_ASKED.search(role.text[max(line_start, mention.start - _LINE) : mention.end + _LINE].split("\n")[0])
