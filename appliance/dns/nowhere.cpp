#include "dns/nowhere.h"

namespace postern::dns {

namespace {

std::shared_ptr<PreparedAnswer const> not_ready() {
    static auto const answer = [] {
        auto made = std::make_shared<PreparedAnswer>();
        made->code = wire::dns::ResponseCode::server_failure;
        made->error = {14, "nobody is asked outside"}; // RFC 8914 §4.15
        return made;
    }();
    return answer;
}

} // namespace

std::shared_ptr<PreparedAnswer const> Nowhere::known(Asked const&) { return not_ready(); }

asio::awaitable<std::shared_ptr<PreparedAnswer const>> Nowhere::look_up(std::string, wire::dns::Type, bool, bool) {
    co_return not_ready();
}

} // namespace postern::dns
