#include "store/version.h"

#include "store/lmdb.h"
#include "store/schema.h"

namespace postern::store {

std::uint64_t schema_of(ReadTransaction const& transaction) { return get_number(transaction, meta_schema); }

Result<bool> keep_version(WriteTransaction& transaction) {
    if (schema_of(transaction) == schema_version) return false;
    put_number(transaction, meta_schema, schema_version);
    return true;
}

} // namespace postern::store
