"""Words for the titles of films in the synthetic data set. Each genre has its own nouns."""

GENRE_NOUNS = {
    "Action": ("Strike", "Convoy", "Hunter", "Bullet", "Pursuit", "Commando", "Getaway", "Ambush"),
    "Adventure": ("Island", "Voyage", "Compass", "Expedition", "Treasure", "Summit", "Frontier", "Caravan"),
    "Animation": ("Fox", "Robot", "Balloon", "Puppet", "Dragonfly", "Penguin", "Toymaker", "Acorn"),
    "Comedy": ("Wedding", "Landlord", "Honeymoon", "Butler", "Reunion", "Neighbor", "Vacation", "Impostor"),
    "Crime": ("Heist", "Alibi", "Witness", "Syndicate", "Verdict", "Informant", "Ransom", "Safecracker"),
    "Documentary": ("River", "Archive", "Orchard", "Glacier", "Factory", "Marathon", "Reef", "Orchestra"),
    "Drama": ("Harbor", "Letter", "Inheritance", "Garden", "Silence", "Daughter", "Promise", "Farewell"),
    "Family": ("Pony", "Treehouse", "Puppy", "Lighthouse", "Circus", "Grandfather", "Snowman", "Picnic"),
    "Fantasy": ("Dragon", "Crown", "Sorcerer", "Labyrinth", "Oracle", "Griffin", "Spell", "Throne"),
    "Horror": ("Crypt", "Scream", "Asylum", "Shadow", "Curse", "Cellar", "Mirror", "Revenant"),
    "Romance": ("Kiss", "Serenade", "Sweetheart", "Rendezvous", "Valentine", "Dance", "Embrace", "Café"),
    "Sci-Fi": ("Orbit", "Android", "Nebula", "Colony", "Signal", "Paradox", "Starship", "Horizon"),
}
ADJECTIVES = (
    "Amber", "Ancient", "Bitter", "Blind", "Broken", "Burning", "Crimson", "Distant", "Empty", "Endless",
    "Fallen", "Final", "Forgotten", "Frozen", "Gentle", "Golden", "Hidden", "Hollow", "Iron", "Last",
    "Lonely", "Long", "Lost", "Midnight", "Painted", "Paper", "Perfect", "Quiet", "Reckless", "Restless",
    "Savage", "Scarlet", "Second", "Secret", "Silent", "Silver", "Sleeping", "Stolen", "Velvet", "Wild",
)  # fmt: skip
PLACES = (
    "Alaska", "Bombay", "Cairo", "Dublin", "Havana", "Istanbul", "Kyoto", "Lisbon", "Marseille", "Naples",
    "Odessa", "Prague", "Quebec", "Samarkand", "Tangier", "Trieste", "Valparaiso", "Vienna", "Warsaw",
    "Zanzibar",
)  # fmt: skip
