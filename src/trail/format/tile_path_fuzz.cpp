// A path that names a tile is the one path of that tile.
#include "base/check.h"
#include "trail/format/tile.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weerbaar;
  const std::string_view path = as_text({data, size});
  const auto parsed = trail::parse_tile_path(path);
  if (!parsed) return 0;
  const trail::Tile& tile = parsed->tile;
  WEERBAAR_CHECK(tile.width >= 1 && tile.width <= trail::kTileWidth);
  WEERBAAR_CHECK((parsed->entries ? trail::entries_path(tile.number, tile.width)
                                  : trail::tile_path(tile.level, tile.number, tile.width)) == path);
  return 0;
}
