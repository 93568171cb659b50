"""Words of five languages that stand in every sentence and name no theme: little words, and mere praise and blame.

All without accents and apostrophes. Praise and blame say how pleased somebody is, which the stars tell already; a theme
is what they speak of. Words that turn a sentence round (not, never, without) go with the word after them.
"""

_LITTLE = {
    "en": """
a about after again all almost also always am an and any are arent as at be because been before being both but by can
could did do does doing done down each even ever every few for from further get gets getting give given go goes going
gone got had has have having he her here hers him his how however i id if ill im in into is it its itself ive just
know let like made make makes making many may maybe me might mine more most much must my myself of off on once one
only or other our ours out over own per quite rather really said same say see she should since so some still such than
that thats the their them then there these they theyre thing things this those though through to too two under until
up upon us use used using very was way we well were what when where which while who whom whose why will with would yes
yet you your youre yours bit lot also back got thank thanks please
""",
    "de": """
aber alle allem allen aller alles als also am an ander andere anderen anderer auch auf aus bei beim bin bis bisschen
da dabei dadurch dafur daher damit danach dann daran darauf darum das dass davon dazu dein deine dem den denn der des
deshalb dich die dies diese diesem diesen dieser dieses dir direkt doch dort du durch eben eigentlich ein eine einem
einen einer eines einfach einmal er erst es etwas euch euer fur ganz gar gemacht genau gerne gewesen gibt habe haben
hab hat hatte hatten hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren im immer in ins irgendwie ist ja jede
jedem jeden jeder jedes jedoch jetzt kam kann konnte konnen lassen leider machen macht mal man mehr mein meine meinem
meinen meiner mich mir mit mochte muss musste nach noch nun nur ob oder schon sehr sein seine seinem seinen seit
selbst sich sie sind so sogar solche soll sollte sondern sonst sowie uber um und uns unser unsere unserer unter viel
viele vom von vor wann war waren warum was weil weiter welche wenn wer werde werden wie wieder will wir wird wirklich
wo wurde wurden zu zum zur zwar zwischen ware wars danke vielen bitte
""",
    "fr": """
a ai ainsi alors apres as assez au aujourd aujourdhui aussi autre autres aux avais avait avant avec avez avoir avons
ayant beaucoup bien bon c ca car ce ceci cela celle celui ces cest cet cette ceux chaque chez ci comme comment d dans
de depuis des deux donc du elle elles en encore entre es est et etait etant ete etes etre eu eux faire fait fais fois
font furent hui ici il ils j jai je jetais juste l la le les leur leurs lors lui m ma mai mais me meme memes mes mis
moi moins mon n na nai ne nest nos notre nous on ont ou par parce pendant peu peut peux plus plutot pour pourquoi
pouvoir pres puis qu quand que quel quelle quelles quels qui quil quoi s sa sauf se sera serait ses seulement si soi
soit son sont sous suis sur t ta tandis te tes toi ton toujours tous tout toute toutes tres trop tu un une va vais
vers voici voila vos votre vous vraiment y merci bonjour
""",
    "es": """
a al algo algun alguna algunos ahora ante antes aqui asi aun aunque cada casi como con cual cuando cuanto de del desde
despues donde dos durante e el ella ellas ellos en entre era eran es esa esas ese eso esos esta estaba estado estan
estar estas este esto estos estoy fue fueron ha habia haber habido hace hacer hacia han hasta hay he hemos hice hizo
la las le les lo los mas me mi mia mientras mio mis misma mismo mucha muchas mucho muchos muy nos nosotros nuestra
nuestro o os otra otras otro otros para pero poco por porque pues que quien se sea ser si sido siempre sobre solo son
soy su sus suya suyo tal tambien tan tanto te tener tengo ti tiene tienen toda todas todavia todo todos tu tus un una
unas uno unos usted va vez y ya yo gracias hola
""",
    "pt": """
a agora ai ainda alem algo alguem algum alguma alguns ao aos apenas apos aquela aquele aquilo as assim ate bem cada
com como da das de dela dele deles demais depois desde dessa desse desta deste deu do dois dos duas e ela elas ele
eles em enquanto entao entre era eram essa essas esse esses esta estao estar estas estava este estes estou eu faz
fazer fez fiz foi foram for ha havia hoje isso isto ja la lhe lo logo mais mas me mesma mesmo meu meus mim minha
minhas muita muitas muito muitos na nas nela nele nessa nesse nesta neste no nos nossa nosso num numa o os ou outra
outras outro outros para pela pelas pelo pelos pode pois por porem porque pouco pra pro qual quando quanto que quem se
seja sempre sendo ser sera seu seus sido so sobre sou sua suas tal tambem tao te tem tendo tenho ter tinha tive toda
todas todo todos tudo um uma umas uns vai vc vcs veio vez voce voces vou sao q obrigado obrigada favor ola
""",
}
_PRAISE_AND_BLAME = {
    "en": """
good great nice excellent perfect perfectly amazing awesome fantastic wonderful brilliant love loved lovely happy
pleased satisfied bad terrible horrible awful worst poor disappointed disappointing disappointment recommend
recommended recommendation fine ok okay best better super glad unhappy
""",
    "de": """
gut gute guter gutes guten prima toll tolle tolles super klasse perfekt perfekte ausgezeichnet hervorragend spitze top
schon schlecht schlechte furchtbar schrecklich enttauscht enttauschend enttauschung empfehlen empfehlung
empfehlenswert zufrieden unzufrieden begeistert bestens ok okay lieb liebe wunderbar
""",
    "fr": """
bon bonne bons bonnes super parfait parfaite parfaitement excellent excellente genial geniale magnifique content
contente satisfait satisfaite ravi ravie mauvais mauvaise nul nulle horrible decu decue deception recommande
recommander top mieux ok impeccable adore
""",
    "es": """
bueno buena buenos buenas buen excelente excelentes perfecto perfecta perfectamente genial estupendo encantado
encantada encanta feliz contento contenta satisfecho satisfecha malo mala mal pesimo pesima horrible decepcionado
decepcionada recomiendo recomendar recomendable bien mejor peor ok super
""",
    "pt": """
bom boa bons boas otimo otima otimos otimas excelente excelentes perfeito perfeita perfeitamente maravilhoso
maravilhosa adorei amei gostei gostar gosto feliz satisfeito satisfeita satisfeitos insatisfeita insatisfeito contente
parabens recomendo recomendar recomendado recomendaria super show top nota mau ma ruim pessimo pessima horrivel
decepcionado decepcionada decepcao melhor pior ok legal
""",
}
_NEGATIONS = {
    "en": "not no never without dont didnt doesnt isnt wasnt cant couldnt wont wouldnt havent hasnt nothing neither",
    "de": "nicht kein keine keinen keinem keiner nie niemals ohne",
    "fr": "pas jamais sans aucun aucune rien",
    "es": "no nunca sin ningun ninguna tampoco",
    "pt": "nao nunca sem nenhum nenhuma nem jamais",
}
LITTLE = {language: frozenset(listed.split()) for language, listed in _LITTLE.items()}
STOP_WORDS = {language: LITTLE[language] | frozenset(_PRAISE_AND_BLAME[language].split()) for language in LITTLE}
NEGATIONS = {language: frozenset(listed.split()) for language, listed in _NEGATIONS.items()}
# Of a language we have no words of: what is little in any of the five.
ANY = frozenset().union(*STOP_WORDS.values())
