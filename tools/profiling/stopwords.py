"""Words that say nothing about what a paper is about."""

_WORDS = """
a about above abstract according achieve achieved achieves across additionally after against aim aims all allow allows
also although among an analyses analysis analyze analyzed and any approach approaches are art as aspect aspects at
available background based be because become been before being benchmark best better between beyond both but by can
case cases challenge challenges challenging code common compare compared comparing comparison complex conclusion
conclusions conduct conducted consider contain contains contribution could current data dataset datasets de
demonstrate demonstrated demonstrates describe describes design develop developed development did different difficult
do does due during e each effect effective effectively effectiveness effects eg either empirical enable enables
especially et evaluate evaluated evaluating evaluation even evidence example examples existing experiment experimental
experiments explore far few field finally find finding findings first five focus focuses following for found four
framework from full fully further furthermore g gain general get github give given gives good group groups had has
have having he her here high higher highly his how however html http https i ie if impact implications important
improve improved improvement improvements improves improving in include included includes including increase increased
increasing indicate information insight insights instance into introduce introduced introduces introducing investigate
investigated investigating involving is issue issues it its just key know known la large largely latter lead leads
less level like limited little low lower made main major make makes making many may mean means measure measures method
methodology methods might mixed model modeling modelling models more moreover most much multiple must name namely need
needs new no non nor not novel now number objective obtain obtained of often on one ones only open or order other
others our out outperform outperforms over overall overview own p paper papers part participants particular
particularly per perform performance performed performs play popular possible potential present presented presents
previous previously problem problems produce propose proposed proposes prove provide provided provides providing
publicly purpose quality question questions quite range rather real recent recently related release relevant remain
remains report reported require requires research respectively result results revealed review role same sample score
scores second see seen setting settings several shared should show showed shown shows significant significantly
similar simple since single six small so some specific state state-of-the-art still strong studies study studying
subjects submission submitted substantial such suggest suggests support system systems take task tasks team technique
techniques ten terms test tested than that the their them then there therefore these they third this those though
three through thus time to together too tool tools total toward towards track trained training two type types under
understand understanding unlike up upon us use used useful user uses using usually value various very via vs want was
way ways we well were what when where whether which while who whose why wide widely will with within without word
words work works world would year years yet you your
"""

GENERIC = frozenset(_WORDS.split())

# General nouns that may end a phrase but make none.
_HEADS = """
model modeling modelling system task analysis approach method algorithm dataset data test evaluation training
performance technique resource treatment therapy study tool framework
"""
HEADS = frozenset(_HEADS.split())

# General words that lead in names of topics ("large language models", "semantic role labeling"); elsewhere they say nothing.
_LEADS = """
large low open few deep mixed pre question code data information word quality role aspect report user evidence case
instruction type
"""
LEADS = frozenset(_LEADS.split())

# Verbs and the like that titles begin with, and words that stand beside topics in abstracts.
_ADVERBIAL = """
accurate accurately achieve addressing adequate advance advances aimed aiming aims analysing analyzing applied apply
applying appropriate arbitrary assess assessed assessing associated attempt automatic automatically aware away based
beat besides best-performing better-performing boost boosting boosts bridging bring building called campaign capable
capture captures capturing carefully carried chance choose com combine combined combines combining comes comparative
comprehensive conference construct constructed constructing contain containing contribute correctly corresponding
create created creating crucial currently deal dealing define defined delve depend despite detailed directly discuss
discussed discusses due earlier easily edition efficient efficiently employ employed employing encourage end-to-end
enhance enhanced enhances enhancing ensure especially essential establish estimate examine examined examining exhibit
expected exploit exploiting exploration explored exploring extend extended extending extensive facilitate facing fast
fine first-ever follow fundamental generally generate generating good great greatly guided half-life handle handling
hard help helps hence high-quality highlight highlighting huge identified identify identifying in-depth incorporate
incorporates incorporating inference-time inherent inspired instead integrate integrated integrating interesting
introduction investigation job jointly lack lacks large-scale largest latest leverage leverages leveraging lies made
mainly making manually massive meaningful mostly motivated multi naturally necessary negative newly nlp notable
numerous observe observed obtaining offer offers official often online open-source organizers outperforming overcome
overview participated participating perspective phase plays powerful practical predict preliminary presenting
primarily prior proceedings produce promising propose proposing proven quickly ranked rapid rapidly rate real-world
recently reduce reduced reduces reducing rely relying remain remarkable remarkably require requiring rethinking reveal
reveals revisiting rich robust scenario scenarios seamlessly second-best seek select semi serve severe simply
simultaneously solve solving standard state-of-the state-of-the-art step strategies strategy strongly submission
submissions successful successfully suffer suffers sufficient suitable superior tackle tackling takes targeted testing
thus toolkit toward towards traditional transferring try typical typically uncover underlying unified unique
university unseen unveiling user-centric utilize utilized utilizes utilizing validate vast versus via victim whereas
widely-used winning workshop worldwide yield yields
"""
ADVERBIAL = frozenset(_ADVERBIAL.split())

# Phrases that fit nearly any paper of their field.
_PLAIN = """
natural language|natural language processing|language processing|language|neural network|machine learning|
deep learning|text|corpus|sentence|word|baseline|feature|representation|annotation|automatic evaluation|
human evaluation|experimental result|ablation study|source code|future research|patient|method|conclusion|objective|
background|clinical trial|randomized controlled trial|systematic review|meta analysis|medline|treatment outcome|
follow up|computational linguistics|learning|network|deep neural network|neural|domain|input|output|
benchmark dataset|visual|language model|pattern|capability|context|inference|human|assessment|disease|disorder|
tracking|switching|generation|answering|reasoning|image|knowledge|error|speaker|retrieval method|generation task|
end to end|relation|safety|efficacy|symptom|confidence interval|control group|multiple dataset|real data|real test
"""
PLAIN = frozenset(_PLAIN.replace("\n", "").split("|"))

# Languages and the like, for titles in which all words have a capital.
_PROPER = """
African Amharic Arabic Armenian Asian Bangla Basque Bengali Bulgarian Catalan Chinese Croatian Czech Danish Dravidian
Dutch Egyptian English Estonian European Finnish French German Germanic Greek Gujarati Hausa Hebrew Hindi Hungarian
Icelandic Indian Indic Indonesian Irish Italian Japanese Kannada Kazakh Korean Latin Latvian Lithuanian Malayalam
Maltese Mandarin Marathi Nepali Norwegian Persian Polish Portuguese Punjabi Quechua Romance Romanian Russian Sanskrit
Scandinavian Serbian Sinhala Slavic Slovak Slovene Slovenian Spanish Swahili Swedish Swiss Tamil Telugu Thai Tibetan
Turkic Turkish Ukrainian Urdu Uyghur Vietnamese Welsh Wikipedia Wikidata Twitter Reddit Yiddish Yoruba Bayesian Gaussian
"""
PROPER = frozenset(_PROPER.split())

# Concepts of the upper two levels of OpenAlex, and the headings that MeSH sets on nearly every paper: true of a paper, but
# no topic of its author's.
_BROAD = """
medicine|psychology|biology|political science|computer science|economics|chemistry|business|physics|philosophy|engineering|
sociology|mathematics|geography|materials science|environmental science|history|art|geology|
internal medicine|pathology|psychiatry|surgery|anatomy|clinical psychology|anesthesia|pharmacology|endocrinology|law|
intensive care medicine|environmental health|physical therapy|biochemistry|social psychology|psychotherapist|
neuroscience|immunology|pediatrics|radiology|genetics|biomedical engineering|paleontology|cell biology|ecology|
nursing|family medicine|physical medicine and rehabilitation|oncology|developmental psychology|macroeconomics|
gastroenterology|dermatology|programming language|physiology|gynecology|economic growth|optics|demography|
mechanical engineering|risk analysis (engineering)|environmental resource management|archaeology|cognitive psychology|
urology|artificial intelligence|linguistics|gerontology|medical emergency|biotechnology|finance|psychoanalysis|
epistemology|cardiology|environmental planning|obstetrics|natural resource economics|composite material|statistics|
nuclear medicine|bioinformatics|geometry|quantum mechanics|social science|organic chemistry|operating system|
emergency medicine|audiology|marketing|chromatography|medical physics|microeconomics|dentistry|management|
communication|machine learning|astrobiology|animal science|virology|microbiology|environmental protection|
world wide web|computer security|agroforestry|international trade|public economics|medical education|cancer research|
humanities|combinatorics|anthropology|computational biology|andrology|general surgery|market economy|
traditional medicine|botany|metallurgy|data science|food science|zoology|ophthalmology|nanotechnology|
public relations|applied psychology|acoustics|mathematical economics|electrical engineering|molecular biology|
orthodontics|agronomy|forestry|thermodynamics|evolutionary biology|mathematical analysis|management science|
structural engineering|toxicology|library science|computer network|accounting|astronomy|actuarial science|meteorology|
economic policy|fishery|veterinary medicine|telecommunications|theology|literature|engineering ethics|
knowledge management|economy|environmental chemistry|cognitive science|environmental engineering|
biochemical engineering|biophysics|oceanography|process management|gender studies|cartography|development economics|
advertising|information retrieval|physical geography|physical chemistry|algorithm|public administration|optometry|
computer vision|environmental ethics|pure mathematics|environmental economics|criminology|aerospace engineering|
database|polymer chemistry|operations management|pedagogy|human–computer interaction|civil engineering|
operations research|mineralogy|law and economics|software engineering|waste management|demographic economics|
chemical engineering|industrial organization|socioeconomics|agricultural economics|visual arts|agricultural science|
nuclear physics|soil science|financial economics|political economy|geotechnical engineering|internet privacy|
architectural engineering|multimedia|econometrics|ethnology|mathematics education|art history|stereochemistry|
combinatorial chemistry|electronic engineering|transport engineering|data mining|crystallography|astrophysics|
aesthetics|remote sensing|earth science|inorganic chemistry|regional science|economic system|economic history|
geomorphology|nuclear magnetic resonance|optoelectronics|international economics|natural language processing|
embedded system|forensic engineering|pulp and paper industry|geochemistry|systems engineering|geodesy|
financial system|neoclassical economics|monetary economics|water resource management|medicinal chemistry|
speech recognition|computer graphics (images)|commerce|biological system|discrete mathematics|
manufacturing engineering|applied mathematics|atmospheric sciences|reliability engineering|photochemistry|
engineering drawing|process engineering|mechanics|petroleum engineering|classical economics|polymer science|
particle physics|geophysics|mining engineering|positive economics|economic geography|
alternative medicine|disease|adverse effect|receptor|population|randomized controlled trial|meta-analysis|medline|clinical
 trial|psychological intervention|confidence interval|cohort|cohort study|drug|gene|placebo|observational study|prospective
 cohort study|retrospective cohort study|health care|lesion|mood|body mass index|odds ratio|risk factor|context|biomarker|
systematic review|
humans|female|male|adult|middle aged|treatment outcome|animals|adolescent|aged|child|young adult|follow-up studies|
double-blind method|prospective studies|time factors|retrospective studies|randomized controlled trials as topic|risk
 factors|child, preschool|severity of illness index|quality of life|rats|mice|dose-response relationship, drug|aged, 80 and
 over|chronic disease|psychiatric status rating scales|surveys and questionnaires|clinical trials as topic|united states|
infant|infant, newborn|pregnancy|cross-sectional studies|cohort studies|case-control studies|single-blind method|
reproducibility of results|models, biological|disease models, animal|cells, cultured|pilot projects|rats, sprague-dawley|
rats, wistar|mice, inbred c57bl|analysis of variance|predictive value of tests|incidence|prevalence|comorbidity|prognosis|
drug therapy, combination|cross-over studies|treatment failure|algorithms|models, theoretical
"""
BROAD = frozenset(name.strip() for name in _BROAD.replace("\n", "").split("|"))
