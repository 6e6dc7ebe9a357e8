#include "imap/compress.h"

namespace postern::imap {

asio::awaitable<Answer> compress(Session& session, wire::imap::Compress&) {
    // RFC 4978 §3
    if (session.connection().is_compressed()) co_return no("[COMPRESSIONACTIVE] DEFLATE is on already, by COMPRESS");
    if (!co_await session.start_compression(ok("DEFLATE is on from here"))) co_return no_room();
    co_return answered();
}

} // namespace postern::imap
