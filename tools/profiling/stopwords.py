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
