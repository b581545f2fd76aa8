"""Whether the Redis that web processes share answers; what lies in it is Reflex's and the limiter's."""

import redis

from casso.errors import GatewayError

WAIT_SECONDS = 3.0


def try_redis(url: str) -> None:
    """Knock once. Raises GatewayError in words for the doctor; the address holds a password and stays out."""
    try:
        with redis.Redis.from_url(
            url, socket_timeout=WAIT_SECONDS, socket_connect_timeout=WAIT_SECONDS
        ) as connection:
            connection.ping()
    except redis.AuthenticationError:
        raise GatewayError("refuses the password", permanent=True, code="login_refused") from None
    except (redis.RedisError, OSError, ValueError) as error:
        text = f"does not answer ({type(error).__name__})"
        raise GatewayError(text, permanent=False, code="connection_lost") from None
