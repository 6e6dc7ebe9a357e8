// What an account may hold: the office's settings, and limits of its own.
#pragma once

#include "core/settings.h"
#include "store/error.h"
#include "store/records.h"
#include "store/transaction.h"

#include <string_view>

namespace postern::office {

// What an account may hold that has no limits of its own.
[[nodiscard]] store::Quota office_quota(core::Settings const& settings);

// Gives an account limits of its own, which the audit log says of; `by`: who wanted it.
// Errors: no_such_account.
store::Result<void> set_quota(store::WriteTransaction& transaction, std::string_view login, store::OwnQuota quota,
                              std::string_view by, store::WallTime now);

} // namespace postern::office
