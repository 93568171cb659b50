"""The posts whose two letters end an international number (UPU S10), and which of them are carriers of ours."""

# Country of ISO 3166 and the name that shoppers know.
_NAMES = """
AD Correos Andorra|AE Emirates Post|AF Afghan Post|AG Antigua Post|AL Posta Shqiptare|AM Haypost|AO Correios de Angola
AR Correo Argentino|AT Österreichische Post|AU Australia Post|AW Post Aruba|AZ Azərpoçt|BA BH Pošta|BB Barbados Post
BD Bangladesh Post|BE bpost|BF La Poste Burkina Faso|BG Bulgarian Posts|BH Bahrain Post|BI Poste du Burundi
BJ La Poste du Bénin|BM Bermuda Post|BN Brunei Post|BO Correos de Bolivia|BR Correios|BS Bahamas Post|BT Bhutan Post
BW BotswanaPost|BY Belpochta|BZ Belize Post|CA Canada Post|CD Poste congolaise|CF Poste centrafricaine
CG La Poste du Congo|CH Swiss Post|CI La Poste de Côte d'Ivoire|CL CorreosChile|CM Campost|CN China Post|CO 4-72
CR Correos de Costa Rica|CU Correos de Cuba|CV Correios de Cabo Verde|CW Cpost|CY Cyprus Post|CZ Česká pošta
DE Deutsche Post DHL|DJ La Poste de Djibouti|DK PostNord Danmark|DM Dominica Post|DO Inposdom|DZ Algérie Poste
EC Correos del Ecuador|EE Omniva|EG Egypt Post|ER Eritrean Post|ES Correos|ET Ethiopian Post|FI Posti|FJ Post Fiji
FO Posta|FR La Poste|GA La Poste du Gabon|GB Royal Mail|GD Grenada Post|GE Georgian Post|GG Guernsey Post
GH Ghana Post|GI Gibraltar Post|GL Tusass|GM Gampost|GN La Poste guinéenne|GQ Correos de Guinea Ecuatorial
GR Hellenic Post|GT Correos de Guatemala|GW Correios da Guiné-Bissau|GY Guyana Post|HK Hongkong Post|HN Honducor
HR Hrvatska pošta|HT Poste d'Haïti|HU Magyar Posta|ID Pos Indonesia|IE An Post|IL Israel Post|IM Isle of Man Post
IN India Post|IQ Iraqi Post|IR Iran Post|IS Pósturinn|IT Poste Italiane|JE Jersey Post|JM Jamaica Post|JO Jordan Post
JP Japan Post|KE Posta Kenya|KG Kyrgyz Post|KH Cambodia Post|KI Kiribati Post|KM La Poste des Comores|KN St Kitts Post
KP Korea Post (North)|KR Korea Post|KW Kuwait Post|KY Cayman Islands Post|KZ Kazpost|LA Entreprise des Postes Lao
LB LibanPost|LC Saint Lucia Post|LI Liechtensteinische Post|LK Sri Lanka Post|LR Liberia Post|LS Lesotho Post
LT Lietuvos paštas|LU Post Luxembourg|LV Latvijas Pasts|LY Libya Post|MA Barid Al-Maghrib|MC La Poste Monaco
MD Poșta Moldovei|ME Pošta Crne Gore|MG Paositra Malagasy|MK Makedonska pošta|ML La Poste du Mali|MM Myanma Posts
MN Mongol Post|MO Macao Post|MR Mauripost|MT MaltaPost|MU Mauritius Post|MV Maldives Post|MW Malawi Posts
MX Correos de México|MY Pos Malaysia|MZ Correios de Moçambique|NA NamPost|NC OPT Nouvelle-Calédonie|NE Niger Poste
NG NIPOST|NI Correos de Nicaragua|NL PostNL|NO Posten|NP Nepal Post|NR Nauru Post|NZ NZ Post|OM Oman Post
PA Correos de Panamá|PE Serpost|PF Fare Rata|PG Post PNG|PH PHLPost|PK Pakistan Post|PL Poczta Polska
PS Palestine Post|PT CTT|PY Correo Paraguayo|QA Qatar Post|RO Poșta Română|RS Pošta Srbije|RU Russian Post|RW Iposita
SA Saudi Post|SB Solomon Post|SC Seychelles Post|SD Sudapost|SE PostNord Sverige|SG SingPost|SI Pošta Slovenije
SK Slovenská pošta|SL Salpost|SM Poste San Marino|SN La Poste du Sénégal|SO Somali Post|SR Surpost|SS South Sudan Post
ST Correios de São Tomé|SV Correos de El Salvador|SY Syrian Post|SZ Eswatini Post|TD La Poste du Tchad
TG La Poste du Togo|TH Thailand Post|TJ Tajik Post|TL Correios de Timor-Leste|TM Turkmenpost|TN La Poste tunisienne
TO Tonga Post|TR PTT|TT TTPost|TV Tuvalu Post|TW Chunghwa Post|TZ Posta Tanzania|UA Ukrposhta|UG Posta Uganda|US USPS
UY Correo Uruguayo|UZ Uzpost|VA Poste Vaticane|VC SVG Post|VE Ipostel|VN Vietnam Post|VU Vanuatu Post|WS Samoa Post
XK Posta e Kosovës|YE Yemen Post|ZA South African Post Office|ZM Zampost|ZW Zimpost
"""
NAMES = {entry[:2]: entry[3:] for line in _NAMES.strip().splitlines() for entry in line.split("|")}

# Under which code of ours these posts work.
CARRIERS = {
    "AU": "auspost",
    "BR": "correios",
    "CA": "canada_post",
    "DE": "dhl",
    "FR": "colissimo",
    "GB": "royal_mail",
    "NL": "postnl",
    "US": "usps",
}
