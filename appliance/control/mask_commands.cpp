#include "control/actions.h"
#include "control/daemon.h"
#include "office/capability_mask.h"

namespace postern::control {

namespace {

void put_rows(json::array& rows, std::span<core::MaskRule const> rules, std::string_view from) {
    for (core::MaskRule const& rule : rules)
        rows.push_back({{"who", core::who_is_masked(rule)},
                        {"capabilities", json::array(rule.capabilities.begin(), rule.capabilities.end())},
                        {"from", from},
                        {"reason", rule.reason}});
}

} // namespace

asio::awaitable<Answer> list_masks(Call call) {
    json::array rows;
    put_rows(rows, office::known_masks(), "Postern");
    put_rows(rows, call.daemon.office.settings->masks("imap.masks"), "imap.masks");
    co_return rows;
}

} // namespace postern::control
