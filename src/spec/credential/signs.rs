//! What a credential is known by: the name of a variable, or what its value looks like.

/// Words in a variable's name that say that its value is a secret.
const SECRET_WORDS: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "PWD",
    "DBPASS",
    "PGPASS",
    "SECRET",
    "SECRETS",
    "TOKEN",
    "APIKEY",
    "CREDENTIAL",
    "CREDENTIALS",
    "PRIVATEKEY",
    "ACCESSKEY",
    "SECRETKEY",
];
/// Ends of a word that say the same: `PGPASSWORD`, `AUTHTOKEN`.
const SECRET_ENDS: &[&str] = &["PASSWORD", "PASSWD", "SECRET", "TOKEN"];
/// The same, of two words.
const SECRET_PAIRS: &[[&str; 2]] = &[
    ["API", "KEY"],
    ["PRIVATE", "KEY"],
    ["ACCESS", "KEY"],
    ["SIGNING", "KEY"],
    ["ENCRYPTION", "KEY"],
    ["AUTH", "KEY"],
    ["ACCOUNT", "KEY"],
    ["DEPLOY", "KEY"],
    ["HMAC", "KEY"],
    ["LICENSE", "KEY"],
    ["MASTER", "KEY"],
    ["SHARED", "KEY"],
    ["SSH", "KEY"],
    ["STRIPE", "KEY"],
    ["DB", "PASS"],
    ["MAIL", "PASS"],
    ["MYSQL", "PASS"],
    ["POSTGRES", "PASS"],
    ["REDIS", "PASS"],
    ["SMTP", "PASS"],
    ["USER", "PASS"],
];
/// Last words that say the same.
const SECRET_LAST: &[&str] = &["PAT", "JWT"];
/// Last words that say that the value only speaks of a secret.
const ABOUT_WORDS: &[&str] = &[
    "FILE",
    "PATH",
    "DIR",
    "NAME",
    "TTL",
    "URL",
    "URI",
    "ISSUER",
    "AUDIENCE",
    "LENGTH",
    "TIMEOUT",
    "EXPIRY",
    "ENABLED",
    "ID",
    "HEADER",
    "ALGORITHM",
    "POLICY",
    "ENDPOINT",
    "TYPE",
    "LIMIT",
    "VERSION",
    "REGION",
    "AGE",
    "ARN",
    "ATTEMPTS",
    "BACKEND",
    "DAYS",
    "ENCODER",
    "EXPIRATION",
    "EXPIRES",
    "HASHER",
    "HOURS",
    "INTERVAL",
    "LIFETIME",
    "LOCATION",
    "METHOD",
    "MINUTES",
    "PARAM",
    "PROVIDER",
    "REGEX",
    "REQUIRED",
    "RULES",
    "SECONDS",
    "SIZE",
    "SOURCE",
    "STORE",
    "STRENGTH",
    "TEMPLATE",
    "VALIDATION",
    "VALIDITY",
];

/// What tokens of well-known services begin with, and how many characters follow at least.
const TOKENS: &[(&str, usize)] = &[
    ("AKIA", 16),
    ("AIza", 30),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghs_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("hooks.slack.com/services/", 16),
    ("rk_live_", 16),
    ("sk_live_", 16),
    ("xoxb-", 16),
    ("xoxp-", 16),
    ("Bearer ", 16),
];
/// Keys of a connection string that have a secret.
const SECRET_FIELDS: &[&str] = &["password", "pwd", "accountkey", "sharedaccesskey"];

/// Whether a variable of that name holds a secret: `DB_PASSWORD`, and not `DB_PASSWORD_FILE`.
pub fn names_a_credential(variable: &str) -> bool {
    let mut split = String::new();
    for c in variable.chars() {
        if c.is_uppercase() && split.ends_with(char::is_lowercase) {
            split.push('_');
        }
        split.push(c);
    }
    let upper = split.to_ascii_uppercase();
    let words: Vec<&str> = upper
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    if words.last().is_some_and(|last| ABOUT_WORDS.contains(last)) {
        return false;
    }
    if words.last().is_some_and(|last| SECRET_LAST.contains(last)) {
        return true;
    }
    let says = |word: &&str| {
        SECRET_WORDS.contains(word) || SECRET_ENDS.iter().any(|end| word.ends_with(end))
    };
    words.iter().any(says)
        || words
            .windows(2)
            .any(|pair| SECRET_PAIRS.iter().any(|known| known.as_slice() == pair))
}

/// Whether a text holds a secret: a password in a URL or a connection string, a token, a private key.
pub fn holds_a_credential(text: &str) -> bool {
    let in_url = text.split("://").skip(1).any(|rest| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        authority.rsplit_once('@').is_some_and(|(user, _)| {
            let pair = user.split_once(':');
            let is_given = |name: &str| name.is_empty() || !is_hole(name);
            pair.is_some_and(|(name, password)| is_given(name) && !is_hole(password))
        })
    });
    in_url || is_key(text) || has_token(text) || has_field(text)
}

/// Whether a text has a token of a service that marks its own, or a JSON Web Token (RFC 7519).
fn has_token(text: &str) -> bool {
    let is_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '+');
    let follows = |at: usize| text[at..].chars().take_while(|c| is_token(*c)).count();
    let marked = TOKENS.iter().any(|(mark, least)| {
        text.match_indices(mark).any(|(at, _)| {
            let begins = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
            begins && follows(at + mark.len()) >= *least
        })
    });
    let is_jwt = |(at, _): (usize, &str)| {
        let parts: Vec<&str> = text[at..]
            .split(|c| !is_token(c))
            .next()
            .unwrap_or_default()
            .split('.')
            .collect();
        parts.len() == 3 && parts[1].starts_with("eyJ")
    };
    marked || text.match_indices("eyJ").any(is_jwt)
}

/// Whether a text is a connection string, `Server=a;Password=b` or `host=a password=b`, with a secret in it.
fn has_field(text: &str) -> bool {
    let between = [';', '&', '?', ' '];
    text.contains(between)
        && text.split(between).any(|field| {
            field.split_once('=').is_some_and(|(name, value)| {
                let name = name.rsplit(|c: char| !c.is_alphanumeric()).next();
                let name = name.unwrap_or_default().to_ascii_lowercase();
                SECRET_FIELDS.contains(&name.as_str()) && !is_hole(value)
            })
        })
}

/// Whether a value is only the place of one, to be filled in elsewhere.
fn is_hole(value: &str) -> bool {
    let value = value.trim_start_matches(['"', '\'']);
    value.is_empty() || value.starts_with(['$', '<', '{', '%', '*', '[', '('])
}

pub(super) fn is_key(text: &str) -> bool {
    text.contains("-----BEGIN") && text.contains("PRIVATE KEY")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_known_by_name_and_by_value() {
        for name in [
            "DB_PASSWORD",
            "API_KEY",
            "STRIPE_SECRET",
            "GITHUB_TOKEN",
            "aws_secret_access_key",
            "dbPassword",
            "db-password",
            "PGPASSWORD",
            "accessToken",
            "DB_PASS",
            "DBPASS",
            "STRIPE_KEY",
            "GITHUB_PAT",
        ] {
            assert!(names_a_credential(name), "{name}");
        }
        for name in [
            "DB_PASSWORD_FILE",
            "TOKEN_TTL",
            "LOG_LEVEL",
            "KEY",
            "SECRET_NAME",
            "TOKENIZER",
            "MAX_TOKENS",
            "PASS_THROUGH",
            "PROXY_PASS",
            "BYPASS",
            "ACCESS_TOKEN_LIFETIME",
            "PASSWORD_HASHER",
            "DB_SECRET_ARN",
            "JWT_ISSUER",
            "PARTITION_KEY",
        ] {
            assert!(!names_a_credential(name), "{name}");
        }
        assert!(holds_a_credential("postgres://app:hunter2@db/checkout"));
        assert!(holds_a_credential(
            "https://a.example.com,postgres://app:hunter2@db/x"
        ));
        for text in [
            "Server=a;User Id=b;Password=c;",
            "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=abc==",
            "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
            "key=AKIAIOSFODNN7EXAMPLE",
            "Bearer 0123456789abcdef0123",
            "https://hooks.slack.com/services/T00000000/B00000000/XXXX",
            "postgresql://db/x?user=u&password=hunter2",
            "host=db user=x password=hunter2",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        ] {
            assert!(holds_a_credential(text), "{text}");
        }
        for text in [
            "postgres://app@db/checkout",
            "https://example.com/a:b@c",
            "https://git@example.com/a",
            "https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/4",
            "postgres://$(USER):$(PW)@db/x",
            "https?://[^:]+:[^@]+@.*",
            "host=db password=$(PW)",
            "Server=a;Password=$(DB);Timeout=5",
            "ghp_",
            "skip_live_reload",
            "a;b=c",
            "eyJ.x",
        ] {
            assert!(!holds_a_credential(text), "{text}");
        }
    }
}
