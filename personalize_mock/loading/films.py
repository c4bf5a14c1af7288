"""Films of the demo data of `mock.load`, with title, year and genres, and the ids of its users."""

FILMS = """\
Alien|1979|Horror|Science Fiction
Aliens|1986|Action|Science Fiction
Blade Runner|1982|Science Fiction|Thriller
Brazil|1985|Comedy|Science Fiction
The Matrix|1999|Action|Science Fiction
Star Wars|1977|Adventure|Science Fiction
The Empire Strikes Back|1980|Adventure|Science Fiction
Return of the Jedi|1983|Adventure|Science Fiction
The Terminator|1984|Action|Science Fiction
Terminator 2|1991|Action|Science Fiction
Back to the Future|1985|Adventure|Comedy
Jurassic Park|1993|Adventure|Science Fiction
Close Encounters of the Third Kind|1977|Drama|Science Fiction
Contact|1997|Drama|Science Fiction
Twelve Monkeys|1995|Science Fiction|Thriller
Metropolis|1927|Drama|Science Fiction
Raiders of the Lost Ark|1981|Action|Adventure
The Goonies|1985|Adventure|Comedy
The Princess Bride|1987|Adventure|Comedy
King Kong|1933|Adventure|Horror
Jaws|1975|Adventure|Thriller
Die Hard|1988|Action|Thriller
Lethal Weapon|1987|Action|Thriller
Speed|1994|Action|Thriller
Mad Max|1979|Action|Adventure
Gladiator|2000|Action|Drama
Braveheart|1995|Action|Drama
Top Gun|1986|Action|Drama
The Shining|1980|Horror
Psycho|1960|Horror|Thriller
Halloween|1978|Horror
The Exorcist|1973|Horror
Scream|1996|Horror|Thriller
Nosferatu|1922|Horror
The Thing|1982|Horror|Science Fiction
Poltergeist|1982|Horror
Carrie|1976|Horror
The Birds|1963|Horror|Thriller
Rear Window|1954|Thriller
Vertigo|1958|Thriller
North by Northwest|1959|Adventure|Thriller
The Third Man|1949|Thriller
Chinatown|1974|Drama|Thriller
Heat|1995|Action|Thriller
Seven|1995|Thriller
Fargo|1996|Comedy|Thriller
Pulp Fiction|1994|Drama|Thriller
Reservoir Dogs|1992|Thriller
Memento|2000|Thriller
The Usual Suspects|1995|Thriller
Some Like It Hot|1959|Comedy|Romance
The Apartment|1960|Comedy|Romance
Annie Hall|1977|Comedy|Romance
When Harry Met Sally|1989|Comedy|Romance
Groundhog Day|1993|Comedy|Romance
Ghostbusters|1984|Comedy
Airplane!|1980|Comedy
The Big Lebowski|1998|Comedy
Modern Times|1936|Comedy
City Lights|1931|Comedy|Romance
Duck Soup|1933|Comedy
Tootsie|1982|Comedy|Romance
Amelie|2001|Comedy|Romance
Casablanca|1942|Drama|Romance
Gone with the Wind|1939|Drama|Romance
Titanic|1997|Drama|Romance
Roman Holiday|1953|Comedy|Romance
Brief Encounter|1945|Drama|Romance
Out of Africa|1985|Drama|Romance
Sense and Sensibility|1995|Drama|Romance
Citizen Kane|1941|Drama
The Godfather|1972|Drama
Taxi Driver|1976|Drama
Goodfellas|1990|Drama
Schindler's List|1993|Drama
The Shawshank Redemption|1994|Drama
Forrest Gump|1994|Drama|Romance
Amadeus|1984|Drama
Rain Man|1988|Drama
Ikiru|1952|Drama
Tokyo Story|1953|Drama
Seven Samurai|1954|Action|Drama
Rashomon|1950|Drama|Thriller
Bicycle Thieves|1948|Drama
Toy Story|1995|Animation|Comedy
The Lion King|1994|Animation|Drama
Aladdin|1992|Animation|Comedy
Beauty and the Beast|1991|Animation|Romance
Snow White|1937|Animation
Fantasia|1940|Animation
Dumbo|1941|Animation
My Neighbor Totoro|1988|Animation
Spirited Away|2001|Adventure|Animation
Akira|1988|Animation|Science Fiction
The Iron Giant|1999|Animation|Science Fiction
Chicken Run|2000|Animation|Comedy"""

USERS = (
    "ada",
    "alan",
    "anna",
    "barbara",
    "ben",
    "carla",
    "charles",
    "clara",
    "daniel",
    "dora",
    "edsger",
    "ella",
    "emil",
    "emma",
    "eva",
    "felix",
    "frances",
    "george",
    "gina",
    "grace",
    "hal",
    "hedy",
    "henry",
    "ida",
    "ivan",
    "jack",
    "jane",
    "joan",
    "john",
    "julia",
    "karen",
    "kurt",
    "lea",
    "leo",
    "lisa",
    "louis",
    "lucy",
    "maria",
    "mark",
    "mary",
    "max",
    "mia",
    "nora",
    "olga",
    "oscar",
    "otto",
    "paul",
    "peter",
    "rosa",
    "ruth",
    "sam",
    "sara",
    "sofia",
    "stella",
    "theo",
    "tom",
    "ursula",
    "vera",
    "victor",
    "zoe",
)
