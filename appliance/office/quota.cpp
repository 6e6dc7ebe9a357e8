#include "office/quota.h"

#include "store/accounts.h"
#include "store/audit.h"

#include <format>
#include <optional>
#include <string>

namespace postern::office {

namespace {

std::string written(std::optional<std::uint64_t> limit) {
    if (!limit) return "default";
    return *limit == store::no_limit ? "none" : std::format("{}", *limit);
}

} // namespace

store::Quota office_quota(core::Settings const& settings) {
    auto const limit = [](std::uint64_t setting) { return setting == 0 ? store::no_limit : setting; };
    return {limit(settings.bytes("account.quota")), limit(settings.count("account.message_quota"))};
}

store::Result<void> set_quota(store::WriteTransaction& transaction, std::string_view login, store::OwnQuota quota,
                              std::string_view by, store::WallTime now) {
    auto const account = store::find_login(transaction, login);
    if (!account) return std::unexpected(store::StoreError::no_such_account);
    return store::set_quota(transaction, *account, quota).and_then([&] {
        return store::audit(transaction, "account.quota",
                            std::format("account={} octets={} messages={} by={}", login, written(quota.octets),
                                        written(quota.messages), by),
                            now);
    });
}

} // namespace postern::office
