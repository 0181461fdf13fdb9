"""The job family of a role (software engineering, healthcare, sales …): from its title, else from weighed words of its text; and families in queries."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from search.attributes.any_case import small_letters
from search.attributes.negation import negated
from search.attributes.regex import regex
from search.records import Reading, Role

FAMILIES: tuple[str, ...] = (
    "software engineering",
    "data and machine learning",
    "infrastructure and reliability",
    "security",
    "quality assurance",
    "hardware and embedded",
    "architecture",
    "IT support",
    "product management",
    "project management",
    "design",
    "user research",
    "content and communications",
    "marketing",
    "sales",
    "customer support",
    "finance",
    "people",
    "legal",
    "operations and logistics",
    "administration",
    "general management",
    "healthcare",
    "education",
    "science and research",
    "engineering",
    "construction and maintenance",
    "manufacturing",
    "transport",
    "public safety",
    "food and hospitality",
    "social services",
    "arts and media",
    "agriculture",
    "personal services",
)
"""All families, as docs/attributes.md lists them."""

# Title words, tried in order; the first row that occurs names the family. Rows go from the particular to the general ("landscape architect" before "landscape",
# "software tester" before "software"): a family has several rows where its particular words stand above, and its general ones below, those of others.
_TITLES: tuple[tuple[str, str], ...] = (
    ("general management", "chief sustainability"),
    ("customer support", "customer education"),
    ("data and machine learning", "business intelligence|bioinformatics engineers?"),
    ("security", r"penetration|pen ?test\w*"),
    ("social services", "health education|marriage and family|religious activities"),
    ("personal services", "make-?up|skin care"),
    ("operations and logistics", "buyers?"),
    ("sales", "sales (?:representatives?|agents?|associates?)|sales engineers?|sales reps?"),
    ("administration", "communications equipment operators|mail clerks|office machine operators"),
    ("agriculture", "graders and sorters, agricultural"),
    ("engineering", "landscape architects?|health and safety engineers?"),
    ("construction and maintenance", "energy auditors|pile driver|(?:vehicle|automotive) service|machine (?:servicers|repairers)|farm equipment mechanics?"),
    (
        "manufacturing",
        "assemblers?|shoe and leather|cabinet ?makers?|(?:chemical|pickling|freezing) equipment operators|power distributors|inspectors, testers|"
        r"(?:dental|ophthalmic|optical) lab\w*|food batch\w*",
    ),
    ("transport", "cleaners of vehicles"),
    ("people", "farm labor contractors|people (?:operations|partner|director|manager|lead|business partner|team|scientist)|recruit(?:ers?|ing|ment)"),
    ("legal", "environmental compliance"),
    ("education", "(?<!fitness )(?<!yoga )instructors?"),
    ("quality assurance", "software (?:development )?engineers? in test"),
    ("data and machine learning", "data (?:scientists?|engineers?|analysts?)|(?:machine learning|ml) engineers?"),
    ("software engineering", "software (?:engineers?|developers?)"),
    ("product management", "product (?:managers?|owners?)"),
    ("administration", "(?:executive|personal) assistants?|secretar(?:y|ies)|receptionists?"),
    ("public safety", "special agents?|law enforcement(?! teachers)|patrol officers?"),
    (
        "education",
        "teachers?(?! aide)|teaching|teacher aides?|professors?|lecturers?|tutors?|postsecondary|school principals?|preschool|kindergarten through|"
        "childcare administrators?|"
        r"education(?:al)? (?:administrators?|aides?|technicians?|program(?:me)?s?|services|specialists?|coordinators?|instruct\w+|consultants?|"
        r"directors?|managers?|and training|technolog\w+)|instructional|librarians?|library|archivists?|curators?|museum|dean|provost|admissions|"
        "academic|headteachers?|home management educators?|adapted physical education|child(?:ren)? (?:and|&) youth|child(?:care)? development|cyp|cys|"
        "substitute|educators?|faculty|nursery (?:nurse|practitioner|assistant)|early years|head ?start|training instructors?|flight instructors?|"
        "school (?:administrator|superintendent|age)|registrar(?!s? of)",
    ),
    ("people", "(?:learning|training)(?:,)? (?:and|&) (?:organi[sz]ational )?development|corporate train(?:er|ing)"),
    ("customer support", "customer education"),
    (
        "quality assurance",
        r"software (?:quality|development engineers? in test|test\w*)|sdet|qa(?! lab)|test automation|automation test\w*|"
        r"quality engineers?(?= \(?software)|"
        r"(?:software|manual|test|game|penetration test)(?: automation)? testers?(?<!penetration testers)(?<!penetration tester)|testers?(?=$|,| \()|"
        "test (?:engineer|analyst|lead|manager)s?|quality assurance|in test|quality engineer(?:ing)?",
    ),
    (
        "healthcare",
        r"nurs(?:e|es|ing)|physicians?|surgeons?|surgical|dent(?:al (?!lab)|ists?)\w*|orthodont\w*|prosthodont\w*|chiropract\w*|"
        r"diet(?:itians?|itians|etic|ician)\w*|nutritionists?|optometrists?|opticians?|pharmac(?:ists?|y|ologist)|podiatrists?|anesthesi\w*|anaesth\w*|"
        r"therapists?|therapy (?:assistants?|aides?)|therapist assistants?|speech[- ]language|exercise physiolog\w*|veterinar(?:ians?|y)|audiolog\w*|"
        r"cardiolog\w*|dermatolog\w*|neurolog\w*|obstetric\w*|gynecolog\w*|p(?:a)?ediatric\w*|pathologists?|psychiatr\w*|radiolog\w*|allergists?|"
        r"hospitalists?|urologists?|ophthalm(?!ic laboratory)\w*|acupunct\w*|hygienists?(?<!industrial hygienists)|naturopath\w*|orthopt\w*|orthot\w*|"
        r"prosthetist\w*|"
        r"medical (?:and clinical|lab\w*|technolog\w*|assistants?|support assistants?|officers?|records?|equipment prepar\w*|transcription\w*|"
        r"dosimetr\w*|director|coder|coding|biller|reimbursement|scribe|social|instrument|and health services)|"
        r"clinical (?:lab\w*|nurse|pharm\w*|dietet\w*|neuropsych\w*|and counseling|psycholog\w*|manager|director|coordinator|specialist|documentation)|"
        r"cytogen\w*|cytotech\w*|histolog\w*|histotech\w*|cardiovascular|sonograph\w*|ultrasound|nuclear medicine|radiologic|diag(?:nostic)? rad\w*|"
        r"magnetic resonance|mri|x-ray|emergency medical|paramedics?|emt|phlebotom\w*|hearing (?:aid|instrument)|neurodiagnostic|patient\b|"
        "health information|health (?:technicians?|techicians?|technologists?|aide|systems?|unit|services?|care|insurance specialist)|"
        r"athletic trainers?|genetic counsel\w*|midwi\w+|home health|personal care aides?|orderl(?:y|ies)|massage|endoscopy|sterile processing|"
        "caregivers?|carers?|care assistants?|healthcare(?! social)|health practitioners?|doctors?|gp|general practitioner|"
        r"rehabilitation (?:specialist|technician)|blind rehabilitation|low vision|hospital|optometr\w*|occupational health (?:nurse|physician)|"
        r"clinician|health promotion|medical support|lpn|lvn|rn\b|cna|ot\b|diagnosing",
    ),
    (
        "social services",
        r"social (?:workers?|work|service\w*|and human|and community)|counsell?ors, all other|counsell?ors and advisors|educational, guidance|probation|"
        "correctional treatment|health education|community (?:health|and social|services|support|outreach|programs?)|clergy|chaplains?|pastors?|"
        "priests?|ministers?|rabbis?|imams?|religious|case ?(?:worker|manager)s?|victim advocate|family (?:advocacy|support)|sexual assault|charity|"
        r"youth work\w*|(?<!administrative )(?<!legal )(?<!healthcare )support workers?|social(?! scien)(?! media)|"
        "(?:substance abuse|mental health|rehabilitation|guidance|career|behaviou?ral|addiction|family|youth|school|"
        r"disorder) (?:and [\w ]+ )?(?:counsell?ors?|advis[eo]rs?|workers?|specialists?)",
    ),
    ("user research", r"(?:user|ux|design|cx|usability) research\w*|ux researcher|user experience research\w*|usability (?:engineer|specialist|analyst)"),
    ("marketing", r"market(?:ing)? research|marketing data|search marketing|marketing analy\w+|growth marketing|marketers?"),
    ("sales", "sales engineers?|solutions? engineers?|pre-?sales|sales (?!tax)"),
    (
        "public safety",
        r"security (?:guards?|officers?|screeners?|workers?)|transportation security|correction(?:al|s)|jailers?|police|sheriff\w*|detectives?|"
        r"(?:criminal|private|special) (?:and [\w ]+ )?investigators?|firefight\w*|"
        r"fire (?:inspect\w*|prevention(?! and protection)|marshal|chief|captain|protection (?:inspector|specialist))|forest fire|bailiffs?|"
        "game wardens?|wardens?|parking enforcement|border (?:protection|patrol)|cbp|customs (?:and border|officer|inspector)|animal control|"
        "crossing guards?|lifeguards?|bus monitors?|loss prevention(?! managers?$)|protective service|gambling surveillance|surveillance|"
        r"dispatch\w*(?=.*(?:police|fire|911|emergency))|public safety|emergency management|(?<!business )emergency (?:services|preparedness|planner)|"
        "intelligence (?:analyst|specialist|officer|operations)s?|"
        "(?:armored|infantry|artillery|special forces|air ?crew|missile|command and control|weapons|military officer|military enlisted|"
        "launch and recovery|tactical operations)|soldiers?|marines|sergeant|coroners?|rangers?|guards?|identification and records officers?|"
        r"immigration (?:officer|inspector|enforcement)|deportation|marshals?|paratroop\w*|combat|command post|force protection|physical security",
    ),
    (
        "security",
        r"(?:information|cyber ?|application|cloud|network|it|data|product|infrastructure|offensive|systems?|computer|api|platform|devsec\w*|"
        r"iam)[- ]?security|cyber\w*|infosec|appsec|soc(?= analyst| engineer| lead| manager)|penetration|pen ?test\w*|red team\w*|threat|vulnerability|"
        "malware|ciso|digital forensics?|"
        r"security (?:engineer\w*|architects?|analysts?|researchers?|consultants?|operations (?:analyst|engineer|cent\w+)|developer|champion|compliance)|"
        r"identity (?:and|&) access|incident response|cryptograph\w*|devsecops",
    ),
    ("public safety", "security (?:management|managers?|specialists?|directors?|supervisors?|assistants?|clerk|administrator)|loss prevention"),
    (
        "data and machine learning",
        r"data (?:scien\w+|engineer\w*|analy\w+|warehous\w+|managers?|lead|platform engineer|modell?er|strateg\w+|govern\w+|quality|steward|officer|"
        "product analyst|& analytics|and analytics)|machine learning|ml ?ops|mlops|"
        "(?:ml|ai|llm|nlp|genai|generative ai|deep learning|artificial intelligence|computer vision|prompt|analytics|"
        r"reinforcement learning)[ /-](?:\S+ ){0,2}?(?:engineer\w*|scientists?|research\w*|developers?|architects?|specialists?|lead|manager)|"
        "business intelligence|bi (?:developer|analyst|engineer|lead|consultant)|power bi|statistic(?:ian|ians|al (?:analyst|programmer|modell?er))|"
        "biostatisticians?|database (?:administrators?|architects?|developers?|engineers?)|dba|clinical data|product analysts?|insights? analysts?|"
        "head of data|analytics|operations research|mathematic(?:ians?|al science occupations)|geographic information|gis|etl|chief data officer|"
        "vp of data|director of data|decision scientist|quantitative researcher|data$",
    ),
    (
        "infrastructure and reliability",
        r"(?:site |systems? )?reliability(?! centered)(?: engineer\w*)?|sre|devops|dev ops|platform engineer\w*|"
        r"network (?:and computer systems|operations)|systems? administrat\w+|sysadmin|"
        "(?:telecommunications engineering|computer network architects?|computer systems engineers?)|computer network architects|"
        "production engineer(?=.*software)|finops|infrastructure$",
    ),
    (
        "architecture",
        "(?:solutions?|enterprise|software|technical|data|system|systems|cloud|business|application|integration|information|domain|network|database|it|"
        "platform|security|api|digital|technology|principal|lead|senior|chief) architects?|(?:enterprise|solution|software|technical|data) architecture",
    ),
    (
        "hardware and embedded",
        r"embedded|firmware|hardware (?:engineer\w*|design\w*|development)|computer hardware|fpga|asic|vlsi|pcb|microsystems|"
        r"semiconductor (?:design|engineer)|chip design\w*|soc (?:design|verification)|rfid|radio frequency|rf engineer\w*|silicon|device driver|bsp",
    ),
    (
        "project management",
        r"(?:technical |it |information technology |delivery |agile )?(?:project|program|programme)(?:me)?s? (?:manag\w+|leads?|coordinators?|directors?|"
        "officers?|management specialists?|support|controllers?|planner)|pmo|scrum ?masters?|agile (?:coach|delivery|lead)|delivery (?:manager|lead)s?|"
        "release train|tpm|project leads?|program analysts?|management and program analysts?|acquisition program",
    ),
    (
        "product management",
        r"product (?:manage\w*|owners?|leads?|director|lead|strategist|operations)|"
        "(?:head|director|vp|chief) (?:of )?product(?! (?:marketing|design|security|development engineer))|chief product|group product|product ?manager|"
        "product(?=$| framework| team)",
    ),
    ("marketing", "product marketing"),
    (
        "design",
        r"ux|ui/ux|(?:product|service|interaction|ux|experience|graphic|visual|head of) design\b|designers, all other|"
        "design (?:interns?|lead|manager|director|ops|operations|program)|head of design|accessibility (?:specialist|consultant|lead)|designops|"
        "director of design|chief design|"
        "(?:ux|ui|product|interaction|service|visual|user experience|user interface|web|interface|graphic|communication|brand|motion|experience|"
        "commercial and industrial|industrial|interior|furniture|systems?|fashion|exhibit|floral|game|digital|accessibility) designers?",
    ),
    (
        "content and communications",
        r"content (?:design\w*|strateg\w+|writers?|editors?|creators?|producers?|manager|lead)|technical (?:writ\w+|author\w*|editor)|"
        r"documentation (?:specialist|writer|engineer)|ux writ\w+|copy ?(?:writ|edit)\w+|"
        r"communications? (?:specialists?|managers?|officers?|directors?|leads?|advis\w+|partners?|coordinators?|executive|consultant|assistant)|"
        r"(?:head|director) of communications|public (?:relations|affairs|information)|press officer|internal comm\w*|translat\w+|interpreters?|"
        "proofreaders?|editors?(?<!film and video editors)(?<!video editors)(?<!video editor)(?<!film editor)|writers?(?! and runners)|authors?|"
        r"journalis\w+|reporters?(?<!court reporters)(?<!court reporter)|medical writer|document management|speechwriter|captioners?|court reporters?|"
        "locali[sz]ation|news analysts?|media and communication workers|poets|blogger|community managers?|social media(?! marketing| ads)",
    ),
    (
        "software engineering",
        "software|developers?(?<!business developer)(?<!business developers)|(?<!recreation )(?<!control )(?<!tool )programmers?|"
        "(?:back[- ]?end|front[- ]?end|full[- ]?stack|web|mobile|ios|android|api|application|game|gameplay|graphics|blockchain|react|java|python|node|"
        r"golang|go|rust|ruby|php|\.net|c\+\+|c#|scala|kotlin|swift|javascript|typescript|compiler|payments|search|staff|distributed systems|integration|"
        r"integrations|product|ui|video game)[ ,-](?:\S+ ){0,2}?engineer\w*|(?:back|front)[- ]?end|full[- ]?stack|tech(?:nical)? leads?|"
        r"web (?:master|admin\w*)|(?<!electrical )(?<!mechanical )(?<!civil )(?<!project )(?<!chemical )(?<!structural )engineering manager|"
        "engineering (?:director|lead)|(?:head|director|vp|vice president) of engineering|vp engineering|chief technology|cto|"
        r"computer (?:programm\w+|scientists?|systems analysts|engineers?)|developer (?:advocate|relations|experience)|devrel|"
        "(?:senior|staff|principal|lead|junior|founding|mid-level|forward deployed|member of technical) (?:staff )?engineer(?= ?(?:$|[-,(]))|"
        "salesforce (?:developer|engineer)|rpa|low-code|engineering ladder",
    ),
    (
        "IT support",
        "(?:it|service|help)[- ]?(?:service )?desk|desktop support|"
        "it (?:support|technicians?|specialists?|operations|manager|director|systems|administrator|analyst|officer|coordinator|services)|it$|"
        "technical support(?! engineering)|"
        "computer (?:user support|network support|support|technicians?|operators?|occupations|specialist|assistant|and information systems)|"
        "information (?:technology|systems|management) (?:specialists?|managers?|directors?|officers?|technicians?|support)|information technology|"
        "chief information officer|user support|support engineers?|systems? (?:analysts?|support|specialists?|technicians?)|application support|"
        r"health informatics|informatics|it\b(?=.*\b(?:lead|head))|head of it",
    ),
    (
        "legal",
        r"lawyers?|attorneys?|solicitors?|barristers?|counsel|paralegals?|legal|judicial|judges?|magistrates?|hearing officers?|adjudicat\w+|"
        r"arbitrators?|mediators|title examiners?|abstractors?|notar\w+|law clerks?|compliance(?! engineer)(?! inspectors?)|regulatory affairs|privacy|"
        "data protection|patent|contracts? (?:manager|administrator|specialist|negotiator)s?(?<!contract specialist)(?<!contract administrator)|"
        r"equal opportunity|equal employment|government information specialist|foia|llm$|intellectual property|conveyanc\w+",
    ),
    (
        "people",
        r"human resources?|hr|hrbp|recruit(?:er|ers|ing|ment)|talent (?!direct|produc|agent)\w+|people(?= |$)|compensation|labor relations|"
        "employee (?:relations|experience|engagement)|training (?:specialists?|managers?|officers?|coordinators?|administrator|technician)|learning|"
        "workforce (?:planning|development)|diversity|staffing|job analysis|benefits (?:specialist|manager|administrator|analyst)|military personnel|"
        "personnel|organi[sz]ational development|chief people|l&d|headhunter",
    ),
    ("sales", "insurance sales|financial services sales"),
    (
        "finance",
        r"accountants?|accounting|accounts (?:payable|receivable)|account (?:collectors|clerk)|audit(?:ors?|ing)?(?! assistant)|financ(?:e|ial)\w*|"
        "treasur(?:y|ers?)|"
        "controllers?(?<!air traffic controllers)(?<!traffic controller)(?<!document controller)(?<!production controller)(?<!stock controller)|"
        r"bookkeep\w+|payroll|tax|budget|credit(?! card sales)|loans?|mortgage|underwrit\w+|actuar\w+|invest(?:ment|or)\w*(?! relations)|bank(?:er|ing)|"
        "tellers?|billing|fp&a|claims|insurance(?! sales)|appraisers?(?=.*(?:real estate|property|auto|insurance)|s?$)|assessors?|fraud|cfo|brokerage|"
        "cost estimators?|quantitative|economic analyst|pricing|risk (?:analyst|manager|specialist|officer|management)s?|venture|equity|trader|"
        "(?<!it )portfolio|revenue (?:agent|officer|accountant)s?|cash management|grants? (?:management|accountant|specialist)|gambling cage|"
        "new accounts|statement clerk|cost analyst|pension",
    ),
    (
        "marketing",
        r"marketing|seo|sem|brand (?!design)\w+|advertising(?! sales)|promotions? managers?|growth (?!engineer)\w+|digital campaign|campaign|"
        r"crm (?:manager|executive|specialist)|paid (?:search|social|media)|performance market\w+|influencer|fundrais\w+|social media|"
        "e-?mail (?:marketing|specialist)|event marketing|demand generation|cmo|audience",
    ),
    (
        "sales",
        r"sales\w*|account (?:executives?|managers?|directors?|development)|business development|bdr|sdr|telemarket\w+|retail(?! loss)|cashiers?|"
        "store (?:managers?|assistants?|supervisor|associate|director|worker)|shop(?:keeper| assistant| manager)|"
        r"real estate (?:brokers?|agents?|sales|associate|salesp\w+)|realtors?|travel agents|vendors?|demonstrators?|product promoters?|models?(?=$|,)|"
        r"counter and rental|brokers?(?<!customs brokers)(?<!customs broker)|visual merchandis\w+|merchandise displayers|merchandisers?|"
        "partner(?:ship)?s? (?:manager|lead|director|executive)|commercial (?:manager|director|lead|executive)|e-?commerce|online merchants|"
        "revenue (?:operations|manager|lead)|customs? engagement|key account|channel|chief revenue|window trimmers|trading manager|door-to-door|"
        r"parts (?:advisor|salesp\w+)|auctioneer",
    ),
    (
        "customer support",
        r"customer(?:s)? (?:support|service|success|care|experience|operations|relations|advis\w+|happiness|contact|onboarding|engagement|education)\w*|"
        r"client (?:services?|support|success|relations\w*|partner)|call cent\w+|contact (?:cent\w+|representatives?)|"
        r"(?<!administrative )(?<!mission )(?<!equipment )(?<!unit )support (?:team lead|agents?|specialists?|representatives?|advis\w+|lead|manager|"
        r"associate)|implementation (?:consultant|specialist|manager)s?|onboarding|service advis\w+|support lead|technical account manager|complaints",
    ),
    (
        "agriculture",
        r"farm(?:ers?|ing|workers?|hand)?(?! equipment mechanics?)(?! labor contractors)(?! products$)\w*|ranch\w*|"
        r"agricultur\w*(?! engineers?)(?= (?:managers?|workers?|equipment operators?|inspectors?|products|technician|scientist|commodity|program))|"
        r"agriculturist|aquacultur\w*|crop|nursery(?! nurse)(?= (?:and|worker|grower))|greenhouse|animal breeders?|fishing|fisher\w*|hunting|trappers?|"
        r"forest(?:ry)? (?:and conservation workers|workers?|technicians?)(?<!forestry technician)|loggers?|logging|fallers|log graders|harvest\w*|"
        r"horticultur\w*|livestock|dairy|beekeeper|range technician|shepherd|arborist|vineyard|viticultur\w*|agronom\w+",
    ),
    (
        "science and research",
        r"scientists?|scientific|biolog(?:y|ists?|ical|ic)\w*|biochem\w*|biophys\w*|chemists?|chemical technicians?|physicists?|physical science\w*|"
        r"geneticists?|microbiolog\w*|molecular|zoolog\w*|epidemiolog\w*|astronom\w*|atmospheric|meteorolog\w*|geoscien\w*|"
        r"geolog(?:ists?|ical technicians)\w*|hydrolog\w*|ecolog\w*|economists?|sociolog\w*|psycholog\w*|neuropsycholog\w*|anthropolog\w*|archeolog\w*|"
        r"archaeolog\w*|geographers?|historians?|political scien\w+|research(?:er|ers)?(?! sales)|"
        r"laborator(?:y|ies)(?!.*(?:dental|ophthalmic|medical|animal))|lab tech\w*|bioinformatic\w*|clinical research|natural sciences|forensic|"
        "conservation (?:scientists?|technicians?)|foresters?|forestry technician|park naturalists?|naturalist|range managers?|soil|climate|"
        r"environmental (?:scien\w+|specialists?|restoration|econom\w+|protection (?:specialist|scientist))|remote sensing|urban and regional|"
        r"(?:city|town|urban|regional) planner\w*|transportation planners?|survey researchers?|nuclear (?:technicians?|monitoring)|food science|"
        r"precision agriculture|agricultural technicians|social science\w*|life,|life science|water resource specialists?|quality control analysts|"
        r"brownfield|postdoc\w*|r&d (?:scientist|manager|lead)|physics|hygienists?|industrial hygien\w+|medical science|occupational health and safety|"
        "environmental health|safety and occupational health|wildlife|fishery",
    ),
    (
        "arts and media",
        r"art directors?|artists?(?! mak)|illustrat\w+|animators?|actors?|actress|producers?(?! sales)|media (?!sales)\w+|"
        r"music\w*(?! instrument)(?<!musical)|athlet(?:es?|ic)\b(?! trainer)|coaches|sports? (?:competitors|officials)|umpires?|referees?|dancers?|"
        r"choreograph\w*|composers?|singers?|disc jockeys?|dj|entertainers?|announcers?|broadcast\w*|photographers?|camera operators?|videograph\w*|"
        r"video (?:edit\w+|producer|tech\w+)|film|audio(?:visual)?(?! equipment install)(?! visual equip)|sound|lighting technicians?|"
        "creative (?:director|lead|producer)|curator|talent (?:directors?|producer|agent)|agents and business managers|gaffer|costume designer|podcast|"
        r"streamer|theat(?:er|re|rical)(?! and performance)|exhibit\w*|craft artists|sculptor|scouts|presenter|stage manager|entertainment (?:director)|"
        "creative services",
    ),
    (
        "transport",
        r"pilots?|copilots?|flight (?!instructor|test eng)\w+|air traffic|airfield|airport|drivers?|chauffeurs?|locomotive|"
        "train (?:engineer|conductor|operator|driver)|"
        r"rail(?:road|way)?(?!-track| car repair)(?=.*(?:engineer|brake|conductor|yard|transportation|operator|crew))|conductors? and yard\w*|subway|"
        "streetcar|sailors?|seam[ae]n|deckhand|mates,|captains?|vessel|ship(?: engineers?|'s| master| pilot)|motorboat operators|bridge and lock|"
        "parking (?:attendants?|lot)|traffic technicians?|aviation (?:inspectors?|safety)|passenger attendants|watercraft service|"
        "aircraft (?:service attendants|cargo)|motor vehicle operators?|taxi|bus (?:operator|driver)s?|truckers?|tank car|stevedore|baggage handler|"
        "shuttle|ambulance drivers|first-line supervisors of (?:passenger|transportation|material-moving)|machine and vehicle operators|automobile",
    ),
    (
        "food and hospitality",
        r"chefs?|cooks?(?!ing machine)|food (?:service|prepar\w+|servers?|and beverage|beverage)|bartend\w*|bar (?:staff|manager)|baristas?|"
        r"wait(?:ers?|ress\w*|staff)|dining|cafeteria|dishwash\w*|host(?:s|ess|esses)?\b|restaurant|kitchen|caterin\w*|lodging|hotel|motel|fast food|"
        "counter workers|concierges?|bellhops?|sommelier|hospitality|food(?:s)? (?:hall|truck)|grill|banquet|culinary|guest services?|room service|"
        "front desk|servers?(?=$|,)",
    ),
    (
        "personal services",
        r"barbers?|hair\w*|cosmetolog\w*|makeup|manicur\w*|pedicur\w*|shampoo\w*|skin ?care|estheticians?|funeral|embalm\w*|crematory|morticians?|"
        r"undertakers?|child ?care|nann(?:y|ies)|fitness|exercise trainers?|personal (?:trainer|service|care and service)\w*|recreation\w*|"
        r"residential advis\w+|tour guides?|travel guides?|guides?\b|ushers?|ticket takers|amusement|costume attendants|locker room|projectionists?|"
        "animal (?:trainers?|caretakers?|care)|gambling|casino|dealers?(?= |$)|spa|attendants?(?= and related)|entertainment attendants|baggage porters|"
        r"pet (?:sitters?|groomers?)|groomers?|kennel|wedding|babysitt\w*|au pair|stylist|tattoo\w*|wellness|beautician|entertainment and recreation|"
        "dog (?:bathers?|walkers?|groomers?)",
    ),
    (
        "operations and logistics",
        r"logistic\w*|supply|warehous\w*|procure\w*|purchas\w*|buyers?|inventory|stock(?:ers?|room)?\b(?! brok)|order fillers?|freight(?! maint)|cargo|"
        "shipping|receiving|customs brokers?|distribution(?! line)(?!.*power)|storage(?= and| manager|,)|business (?:continuity|operations)|"
        "(?:head|director|vp|deputy director|vice president) of operations|production, planning|production (?:planner|planning|controller|coordinator)|"
        r"materials? (?:handl\w+|manag\w+|planner|movers|expedit\w+|coordinator)|packers?(?= and packagers)|packagers?, hand|fulfil\w*|shift supervisor|"
        r"contract (?:specialist|administrator|officer)s?|sourcing|vendor manage\w+|category manager|postal|mail (?:carriers?|sorters|superintendents)|"
        r"postmasters?|fleet|demand plann\w+|farm products|movers|meeting, convention|event (?:planner|manager|coordinator)s?|"
        "recycling (?:coordinators?|and)|refuse|laborers and freight|management analysts?|process improvement|"
        r"facilit(?:y|ies) (?:managers?|operations|director|coordinator|specialist)|property (?:manager|management|administrator)\w*|"
        r"community association|sustainability|quality (?:manager|management specialist)|couriers?|messengers?|dispatch\w*|industrial truck|conveyor|"
        "regional operations|postmen|transportation, storage|technical operations|material moving",
    ),
    (
        "construction and maintenance",
        r"electricians?|plumb\w*|pipe ?(?:fitt\w+|lay\w+)|carpenters?|bricklayer|(?:brick|stone|block|cement )mason\w*|masons?|roof(?:ers?|ing)|"
        r"painters?(?=,|$| \(|s? (?:and|helper|supervisor|leader))|paperhang\w*|plaster\w*|drywall|tapers(?=$)|glazi?ers?|insulation|"
        r"floor (?:lay|sand|inst)\w*|carpet|tile|terrazzo|construct(?:ion|or)(?! engineer)|paving|pile driver|operating engineers|iron(?: and|workers?)|"
        r"rebar|sheet metal|structural iron|boilermak\w*|building (?:inspect\w*|main\w+|clean\w*|manager|services|maintenance|superintendent|management)|"
        r"elevator|fence|hazardous materials removal|highway main\w*|rail-track|septic|pavers|weatheri[sz]ation|derrick|"
        r"drill(?:er|ers)?(?=.*(?:oil|earth|rig|mining|operators, oil))|earth drillers|rotary drill|service unit operators|excavat\w+|explosives workers|"
        "blasters?|mining machine|roof bolters|underground mining|rock splitters|roustabouts?|extraction workers|helpers--(?!production)|mechanics?|"
        r"repair(?:er|ers|man|men|s)?\b|installers?|installation|maintenance(?! (?:of way|planner never))|millwrights?|"
        r"line(?: ?(?:man|men|worker|workers))|line installers|locksmiths?|riggers?|wind turbine|hvac|heating|refrigerat\w*|air conditioning|"
        r"technicians and mechanics|service technicians?|field service|janit\w*|custod\w*|clean(?:ers?|ing)(?! equipment|, washing)(?! of vehicles)|"
        r"maids?|housekeep\w*|pest|pesticide|landscap\w*|grounds\w*|garden\w*|tree|solar (?:thermal|photovoltaic|energy installation|install\w+)|"
        r"energy auditors|handym\w+|commercial divers|geothermal technicians|avionics technicians?|refractory|servicers|tire repairers|fire alarm|"
        r"caretaker|utility worker|utilities (?:manager|technician)|combined trades|rigging|environmental services technician|motor pool|scaffold\w*|"
        "demolition|crane|hoist and winch|dredge|loading and moving|site manager|facilit(?:y|ies)|equipment operators?|quarry|miners?|heavy equipment|"
        "work(?:ing)? foreman",
    ),
    (
        "manufacturing",
        r"assembl(?:y|ers?)|fabricat\w+|laminators|machin(?:e|ist|ists|ing)\b(?! learning)|bakers?|butchers?|meat|slaughter\w*|"
        r"food (?:batch|cooking|process\w*|and tobacco)|extrud\w*|forg(?:e|ing)|foundry|mold(?:er|ers|ing)?\b|mould\w*|cast(?:ers|ing)(?! direct)|"
        r"pourers|furnace|patternmak\w*|model makers|tool and die|tool (?:grinders|operators|programmers|room|maker)|weld\w*|solder\w*|brazers|metal|"
        r"plating|prepress|pre-press|print(?:ing|er|ers)?\b|bindery|binding|laundry|dry-cleaning|pressers|sewing|sewers,|tailors?|dressmak\w*|textile|"
        r"apparel|shoe|upholster\w*|cabinet\w*|furniture|saw(?:ing|yer)|wood\w*|reactor operators|power (?:plant|distributors)|"
        r"plant (?:operators?|technicians?|managers?|and system|worker|system)|stationary engineers|boiler|treatment|gas (?:plant|compressor)|refiner\w*|"
        r"petroleum pump|biofuels|chemical (?:plant|equipment|operators?)|separating|crushing|grinding|polish\w*|mixing|blend\w*|cutters?|slicing|kiln|"
        r"inspectors, testers|quality control (?:systems|inspector|tech\w+|manager|specialist)|jewel\w+|gem|(?:dental|ophthalmic) lab\w*|"
        r"medical appliance|packag\w+|coating|semiconductor|photographic process|cnc|numerically controlled|adhesive|cooling|etch\w+|engrav\w+|"
        r"glass ?(?:blow|bend|cut)\w*|potters|paper goods|tire builders|"
        "production (?:workers?|operators?|supervisors?|managers?|associate|technician|and operating|lead)|helpers--production|"
        r"manufactur\w+(?! engineer)(?! sales)|industrial production|(?:hydroelectric|geothermal|biomass) \w+|wellhead|pumps? operators?|pumpers?|"
        r"coil winders|finishers?|timing device|graders?(?= and)|dyeing|weav\w+|knit\w+|fiberglass|millers?|brewer\w*|distill\w*|"
        "process(?:ing)? (?:technicians?|operator)s?|operators? and tenders|setters?, operators|mill operator|press operator|feeders|spray|"
        r"nuclear power reactor|stone cutters|compound\w*|gaug\w+",
    ),
    (
        "engineering",
        r"engineer/\w+|engineering(?! equipment)(?! eqpt)|bioengineers|drafters?|drafting|cad (?:technician|designer|operator)|survey(?:ors?|ing)|"
        r"cartograph\w*|geodetic|photogrammet\w*|architects?|landscape architect\w*|naval architects|naval architecture|ergonom\w*|non-?destructive|"
        "(?:robotics|photonics|electro-mechanical|electronics?|calibration|nanotechnology|electrical|mechanical|civil|mechatronics|instrumentation|"
        r"aerospace) (?:and [\w-]+ )?(?:engineering )?(?:technicians?|technologists?|worker)|electronic\w* tech\w+|wind energy|biomass|"
        "construction control|product technology|equipment specialist|engineers?(?! helper)",
    ),
    (
        "administration",
        "secretar(?:y|ies)|administrative|administrat(?:or|ors|ion)|receptionists?|clerks?|clerical|"
        "office (?:managers?|assistants?|coordinators?|administrators?|clerks?|automation|services|support|technician|associate|executive)|data entry|"
        "typists?|word processors|switchboard|telephone operators?|communications equipment operators|executive (?:assistants?|support)|"
        "personal assistants?|pa to|assistant to|file clerks?|interviewers|meter readers|desktop publishers|correspondence|reservation|ticket agents|"
        "staff (?:assistant|officer)s?|support assistants?|program (?:assistant|specialist|support)|mail|chief of staff|"
        r"records (?:manager|technician|clerk)\w*|document control\w*|eligibility|management assistant|support services|statistical assistants?|"
        "program associate|scheduler|keyers|weighers",
    ),
    (
        "general management",
        r"chief (?:executive|operating|sustainability|administrative|strategy)\w*|ceo|coo|general manager|general and operations|managing director|"
        "legislators?|managers?, all other|country manager|(?<!vice )(?<!vice-)president|founder|entrepreneur|executive director|business manager|"
        r"deputy (?:chief|director)|branch manager|area manager|superintendent|strategy|management consult\w+|chief",
    ),
    ("transport", "transportation|transport|aircraft"),
    ("healthcare", "medical|clinical|health|dental"),
    ("education", "education|school|training|instructors?|trainers?"),
    ("construction and maintenance", "technical trades|building"),
    ("manufacturing", "production"),
    ("operations and logistics", "operations"),
)
# What stands before the first of these is tried by itself first: "Buyer, Kitchen and Tabletop", "Firefighter (Paramedic)".
_AFTERTHOUGHT = regex(r" *\(| [-–—|] |: |, (?!.*\b(?:and|or)\b)|, (?=except\b)", re.IGNORECASE)
_EXCEPTION = regex(r",? except .*", re.IGNORECASE)

# Words of tasks and tools that tell of a family, with their weight; they count once each, and only where the title names none.
_EVIDENCE: tuple[tuple[str, int, str], ...] = (
    ("software engineering", 2, "pull requests?|code reviews?|codebase|backend services?|front-?end"),
    ("software engineering", 1, "write code|software development|refactor\\w*|unit tests|apis"),
    ("data and machine learning", 2, "data pipelines?|data warehouse|dashboards?|train(?:ing)? models|data models?|machine learning models?"),
    ("data and machine learning", 1, "sql|airflow|dbt|statistic\\w+|a/b tests?"),
    ("infrastructure and reliability", 2, "kubernetes|terraform|on-call rotation|incident response|infrastructure as code|service level objectives"),
    ("infrastructure and reliability", 1, "observability|ci/cd|linux|uptime"),
    ("security", 2, "penetration tests?|threat model\\w*|siem|vulnerabilit(?:y|ies)|security incidents"),
    ("product management", 2, "product roadmap|product backlog|user stories|product strategy|product discovery"),
    ("design", 2, "wireframes?|figma|design system|prototyp\\w+ in|usability"),
    ("marketing", 2, "marketing campaigns?|brand awareness|seo|paid media|social media channels"),
    ("sales", 2, "sales quota|sales targets?|prospecting|close deals|sales pipeline|cold calls?"),
    ("customer support", 2, "support tickets|customer (?:enquiries|inquiries|queries)|help ?desk tickets|zendesk"),
    ("finance", 2, "general ledger|month-end|accounts payable|financial statements|reconciliations?|budget forecasts?"),
    (
        "people",
        2,
        "recruit(?:ing|ment) (?:process|campaigns?)|employee relations|hr polic(?:y|ies)|onboarding of new (?:staff|employees)|disciplinary hearings?",
    ),
    ("legal", 2, "draft(?:ing)? contracts|litigation|legal advice|case law|legal research"),
    ("operations and logistics", 2, "inventory levels?|shipments?|stock control|purchase orders?|carriers and suppliers"),
    ("healthcare", 2, "patient care|treatment plans?|medical records|medication|clinical practice|vital signs"),
    ("education", 2, "lesson plans?|classroom|curriculum|pupils|students' progress"),
    ("construction and maintenance", 2, "preventive maintenance|power tools|blueprints|scaffold\\w*|plumbing|wiring"),
    ("manufacturing", 2, "production line|assembly line|machine settings|cnc|work orders?"),
    ("transport", 2, "vehicle inspections?|passengers|driving routes?|deliver goods"),
    ("food and hospitality", 2, "menus?|kitchen|food safety|dining|guests"),
    ("social services", 2, "safeguarding|case files|vulnerable (?:adults|children)|community resources|care plans?"),
)
_EVIDENCE_PATTERNS = tuple((family, weight, regex(rf"\b(?:{words})\b")) for family, weight, words in _EVIDENCE)
# How much of a text is weighed, and what it must weigh: at least this, and this many times what the next family has.
_WEIGHED = 6000
_ENOUGH = 6
_CLEAR = 2.0

# Title words that mean too many other things in the middle of a query.
_WEAK_WORDS = """
    analytics brand building buyers channel chief claims coding combat creative data design education engineering farm film finance financial food
    furniture growth guards guest guide guides hardware head health hospital host hosts hotel infrastructure insurance it kitchen laundry learning
    legal library loan mail maintenance manager marketing media medical model museum music operations people president print printing product
    production purchase research restaurant retail revenue safety sales school security shoe social sound spa stock store strategy superintendent
    supply tax theater theatre training transport transportation tree wellness wood
"""
_TOO_WEAK_FOR_QUERIES = frozenset(_WEAK_WORDS.split())
# Where a word begins, how many of its letters say which title words may stand there, and what is told apart in the rows of these.
_WORD_BEGINS = regex(r"(?<!\w)(?<!\w-)\S")
_BEGINNING = 3
_LETTERS = regex(r"(?:\\\.)?[a-z0-9]+\??")
_PARTS = regex(r"\\.|\[[^\]]*\]|[()|]|[^\\\[()|]+")
# In a title it is an engineer of things that are built; in a query it may be any.
_BARE_ENGINEER = regex(r"(?:(?:senior|junior|lead|principal|staff|mid|graduate|entry[- ]level|associate|chief) )*engineer(?:s|ing)?", re.IGNORECASE)


def family_of(title: str) -> str | None:
    """The family that a title names, or None.

    >>> family_of("Senior Platform Engineer"), family_of("Brickmasons and Blockmasons"), family_of("Head of Everything")
    ('infrastructure and reliability', 'construction and maintenance', None)
    """
    found = _found_in_title(title)
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Mention:
    """A family that a query names, and where: text[start:end]."""

    family: str
    start: int
    end: int


def mention(text: str) -> Mention | None:
    """The family of the job that a query names first, or None; words such as "sales" or "people" alone name none.

    >>> mention("sre remote")
    Mention(family='infrastructure and reliability', start=0, end=3)
    """
    small = small_letters(text)
    for word in _WORD_BEGINS.finditer(small):
        tried = -1
        for number, words in _beginning_like(small[word.start() : word.start() + _BEGINNING]):
            # Of one row the first that stands there counts, as in a title.
            if number > tried and (match := words.match(small, word.start())):
                tried = number
                if _names_family(text, match):
                    return Mention(_TITLES[number][0], *match.span())
    return None


def _names_family(text: str, match: re.Match[str]) -> bool:
    said = match.group()
    return (len(text) == len(said) or said not in _TOO_WEAK_FOR_QUERIES) and not _BARE_ENGINEER.fullmatch(said) and not negated(text, *match.span())


def in_query(text: str) -> str | None:
    """The family that `mention` finds.

    >>> in_query("sre remote"), in_query("someone who gets on with people")
    ('infrastructure and reliability', None)
    """
    found = mention(text)
    return found.family if found else None


def load() -> None:
    """Tell the words of all rows apart now, which the first query would wait for."""
    _by_beginning()


def read(role: Role) -> Iterator[Reading]:
    """The role's family: from its title, else from its text where that leaves no doubt."""
    if in_title := _found_in_title(role.title):
        yield Reading("family", *in_title, in_title=True)
    elif in_text := _found_in_text(role.text):
        yield Reading("family", *in_text)


@lru_cache(maxsize=4096)
def _beginning_like(beginning: str) -> list[tuple[int, re.Pattern[str]]]:
    """All title words that may stand where a text goes on like this, each with the number of its row: few of them need be tried, or compiled."""
    near = dict[int, tuple[int, re.Pattern[str]]]()
    for length in range(1, len(beginning) + 1):
        near |= _by_beginning().get(beginning[:length], {})
    return [near[place] for place in sorted(near)]


@cache
def _by_beginning() -> dict[str, dict[int, tuple[int, re.Pattern[str]]]]:
    """Each of the words in a row by itself, with the number of the row, by its place among all, by the letters that it may begin with."""
    found: dict[str, dict[int, tuple[int, re.Pattern[str]]]] = {}
    apart = [(number, words) for number, (_, row) in enumerate(_TITLES) for words in _apart(row)]
    for place, (number, words) in enumerate(apart):
        pattern = _whole_words(words)
        # Where brackets come first, it may begin with what is in them or behind them: any of its words is taken for one that it begins with.
        for letters in _LETTERS.findall(words)[: None if words.startswith("(") else 1]:
            sure = letters[:-2] if letters.endswith("?") else letters
            found.setdefault(sure.removeprefix("\\")[:_BEGINNING], {})[place] = number, pattern
    return found


def _apart(row: str) -> list[str]:
    """The alternatives of a row; those within brackets stay together."""
    parts, depth = [""], 0
    for part in _PARTS.findall(row):
        depth += (part == "(") - (part == ")")
        if part == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += part
    return parts


@cache
def _title_pattern(number: int) -> re.Pattern[str]:
    return _whole_words(_TITLES[number][1])


def _whole_words(words: str) -> re.Pattern[str]:
    return regex(rf"(?<!\w)(?<!\w-)(?:{words})(?!\w)")


@lru_cache(maxsize=1024)
def _found_in_title(title: str) -> tuple[str, int, int] | None:
    stated = small_letters(_EXCEPTION.sub("", title))
    afterthought = _AFTERTHOUGHT.search(stated)
    for end in (afterthought.start(), len(stated)) if afterthought else (len(stated),):
        for number, (family, _) in enumerate(_TITLES):
            if match := _title_pattern(number).search(stated, 0, end):
                return family, match.start(), match.end()
    return None


def _found_in_text(text: str) -> tuple[str, int, int] | None:
    """The family whose words weigh enough, and clearly more than those of any other, with the place of the first of its words."""
    small = small_letters(text[:_WEIGHED])
    weights: dict[str, int] = {}
    places: dict[str, tuple[int, int]] = {}
    for family, weight, pattern in _EVIDENCE_PATTERNS:
        words: set[str] = set()
        for match in pattern.finditer(small):
            words.add(match.group())
            places[family] = min(places.get(family, match.span()), match.span())
        weights[family] = weights.get(family, 0) + weight * len(words)
    first, second = sorted(weights, key=lambda family: -weights[family])[:2]
    if weights[first] < _ENOUGH or weights[first] < _CLEAR * weights[second]:
        return None
    return first, *places[first]
