"""Which names are those of secrets, and which values of such names are none."""

from __future__ import annotations

from .patterns import pattern


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


PARTS = pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
SECRET = words(
    """
    password passwd passphrase pwd pass secret secrets token tokens apikey credential credentials pat dsn sig sas jwt otp
    psk authorization cookie cookies sessionid csrftoken sid
    """
)
WEAK = frozenset({"key", "keys", "auth", "session", "signature", "pin", "salt"})  # only with a value that nobody makes up
BEFORE_KEY = words(
    """
    api access secret private account shared encryption signing master ssh app service admin openai client auth storage
    license
    """
)
ENDS = tuple(words("password passwd passphrase secret token apikey pwd dbpass userpass accesskey secretkey privatekey"))
LAST = words(
    """
    id ids file path dir folder name names type types length count size limit index uri url endpoint env var hint policy
    format expiry expires ttl timeout version required field label embedding embeddings classification map indices per
    manager store provider helper handler error exception
    """
)
NUMBERED = frozenset({"token", "tokens", "pass", "sig", "sid", "pat", "cookies"})
EVERYDAY = words(
    """
    none null nil true false yes no on off undefined unset empty missing required optional invalid incorrect wrong expired
    not set str string int bool bytes any object dict list float default placeholder changeme xxx todo the a an and or is
    was for with to in of from file value provided given found needed authentication auth authorization login user root
    admin localhost
    """
)
VARIABLE = pattern(r"\$\{?\w{1,60}\}?|%\w{1,60}%|\{\{.{0,60}|<[^>]{0,60}>?|\[[A-Za-z]{1,20}\]?|\*{2,}\S{0,20}|\.{3}|\u2026")
TYPE = pattern(
    r"(?:typing\.)?(?:Optional|Union|Literal|Annotated|List|Dict|Callable|SecretStr)\b.{0,80}"
    r"|(?:str|int|bytes|bool) ?\|.{0,80}"
)
CODE = pattern(
    r"[A-Za-z_]\w{0,60}\.\w{0,60}(?:token|key|secret|password)"
    r"|(?:self|cls|os|args|config|settings|kwargs|options|cfg)\.[\w.]{1,60}[(\[]?.{0,60}"
    r"|(?:getenv|getpass|input|environ)\b.{0,60}"
)
PLACE = pattern(
    r"(?:~|\.{1,2}|[A-Za-z]:)[/\\].{0,400}"
    r"|/(?:home|usr|opt|etc|var|tmp|root|run|mnt|data|workspaces?|Users|content|kaggle|srv|app|dev|proc|sys|private|Applications|Library|work|scratch|lib|bin|media)(?:/.{0,400})?"
)
SHORT_ENOUGH = 500


def parts_of(name: str) -> list[str]:
    """The words of a name, in lower case, however it joins them: MY_API_KEY, clientSecret, x-api-key."""
    return [part.lower() for part in PARTS.findall(name[:200])]


def is_secret_name(name: str) -> bool:
    """Whether what such a name holds may be a secret. Of a name with dots the last part counts."""
    words = parts_of(name.rpartition(".")[2])
    while words and words[-1].isdigit():
        words.pop()
    if not words or words[-1] in LAST:
        return False
    joined = "".join(words)
    return bool(SECRET.intersection(words)) or joined.endswith(ENDS) or words[-1] in WEAK


def needs_random_value(name: str) -> bool:
    """Whether such a name means a secret only where its value looks like one: key, auth, session."""
    words = [word for word in parts_of(name) if not word.isdigit()]
    if SECRET.intersection(words) or "".join(words).endswith(ENDS):
        return False
    return not (words[-1:] in (["key"], ["keys"]) and len(words) > 1 and words[-2] in BEFORE_KEY)


def number_is_harmless(name: str) -> bool:
    """Whether a small number in such a name is an amount: max_tokens."""
    return bool(NUMBERED.intersection(parts_of(name))) and not name.lower().endswith(("password", "pwd", "secret"))


def harmless_value(value: str) -> bool:
    """Whether a value is no secret, whatever its name: an everyday word, a type, a variable, code, a path."""
    bare = value.strip(" \t\r\n\"'`,;:.()[]{}")
    if not bare:
        return True
    if len(bare) <= 20 and bare.lower() in EVERYDAY:
        return True
    if len(value) > SHORT_ENOUGH:
        return False
    bare = value.strip(" \t\r\n\"'`,;")
    return any(pattern.fullmatch(bare) for pattern in (VARIABLE, TYPE, CODE, PLACE))
