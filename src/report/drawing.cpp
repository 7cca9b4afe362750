#include "report/drawing.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

namespace weerbaar::report {
namespace {

cairo_status_t write(void* to, const unsigned char* bytes, unsigned length) {
  static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(bytes), length);
  return CAIRO_STATUS_SUCCESS;
}

void set_colour(cairo_t* cairo, const Colour& colour) {
  cairo_set_source_rgb(cairo, colour.red, colour.green, colour.blue);
}

// Cairo 1.16 writes the tags, and neither says that they are there nor in which language the text is (ISO 32000-1,
// 14.7.1 and 14.9.2). The catalog is its last object, so that only the place of the table behind it changes.
bool mark_as_tagged(const std::string& language, std::string& pdf) {
  constexpr std::string_view kEndOfCatalog = ">>\nendobj\nxref\n";
  constexpr std::string_view kStart = "startxref\n";
  const size_t end = pdf.rfind(kEndOfCatalog);
  const size_t catalog = pdf.rfind("/Type /Catalog", end);
  const size_t start = pdf.rfind(kStart);
  if (end == std::string::npos || catalog == std::string::npos || start == std::string::npos || start < end)
    return false;
  const bool is_marked = pdf.find("/MarkInfo", catalog) < end;
  const std::string more = (is_marked ? "" : "   /MarkInfo << /Marked true >>\n") + ("   /Lang (" + language + ")\n") +
                           "   /ViewerPreferences << /DisplayDocTitle true >>\n";
  const size_t table = end + kEndOfCatalog.size() - std::string_view("xref\n").size() + more.size();
  pdf.replace(start, std::string::npos, std::string(kStart) + std::to_string(table) + "\n%%EOF\n");
  pdf.insert(end, more);
  return true;
}

}  // namespace

struct Drawing::Layout {
  PangoLayout* layout;

  explicit Layout(cairo_t* cairo) : layout(pango_cairo_create_layout(cairo)) {}
  Layout(const Layout&) = delete;
  Layout& operator=(const Layout&) = delete;
  ~Layout() { g_object_unref(layout); }
  [[nodiscard]] double height() const {
    int width = 0;
    int height = 0;
    pango_layout_get_size(layout, &width, &height);
    return pango_units_to_double(height);
  }
};

Drawing::Drawing(std::string_view title, std::string_view made_at, std::string_view language)
    : language_(language),
      surface_(cairo_pdf_surface_create_for_stream(&write, &bytes_, kPageWidth, kPageHeight)),
      cairo_(cairo_create(surface_)) {
  cairo_pdf_surface_restrict_to_version(surface_, CAIRO_PDF_VERSION_1_5);
  cairo_pdf_surface_set_metadata(surface_, CAIRO_PDF_METADATA_TITLE, std::string(title).c_str());
  cairo_pdf_surface_set_metadata(surface_, CAIRO_PDF_METADATA_CREATOR, "Weerbaar");
  cairo_pdf_surface_set_metadata(surface_, CAIRO_PDF_METADATA_CREATE_DATE, std::string(made_at).c_str());
}

Drawing::~Drawing() {
  cairo_destroy(cairo_);
  cairo_surface_destroy(surface_);
}

std::unique_ptr<Drawing::Layout> Drawing::layout_of(double width, std::string_view text, const TextStyle& style) {
  auto made = std::make_unique<Layout>(cairo_);
  PangoFontDescription* const font = pango_font_description_from_string("DejaVu Sans");
  pango_font_description_set_absolute_size(font, style.size * PANGO_SCALE);
  pango_font_description_set_weight(font, style.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  pango_layout_set_font_description(made->layout, font);
  pango_font_description_free(font);
  pango_layout_set_width(made->layout, pango_units_from_double(width));
  pango_layout_set_wrap(made->layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_line_spacing(made->layout, 1.2F);
  if (style.is_cut) {
    pango_layout_set_height(made->layout, -1);
    pango_layout_set_ellipsize(made->layout, PANGO_ELLIPSIZE_END);
  }
  constexpr PangoAlignment kSides[] = {PANGO_ALIGN_LEFT, PANGO_ALIGN_RIGHT, PANGO_ALIGN_CENTER};
  pango_layout_set_alignment(made->layout, kSides[static_cast<size_t>(style.side)]);
  pango_layout_set_text(made->layout, text.data(), static_cast<int>(text.size()));
  return made;
}

double Drawing::text(double x, double y, double width, std::string_view text, const TextStyle& style) {
  const auto layout = layout_of(width, text, style);
  set_colour(cairo_, style.colour);
  cairo_move_to(cairo_, x, y);
  pango_cairo_show_layout(cairo_, layout->layout);
  return layout->height();
}

double Drawing::height_of(double width, std::string_view text, const TextStyle& style) {
  return layout_of(width, text, style)->height();
}

void Drawing::rectangle(double x, double y, double width, double height, const Colour& colour) {
  set_colour(cairo_, colour);
  cairo_rectangle(cairo_, x, y, width, height);
  cairo_fill(cairo_);
}

void Drawing::begin(const char* tag) {
  cairo_tag_begin(cairo_, tag, nullptr);
}

void Drawing::end(const char* tag) {
  cairo_tag_end(cairo_, tag);
}

void Drawing::next_page() {
  cairo_show_page(cairo_);
}

Result<std::string> Drawing::finish() {
  cairo_show_page(cairo_);
  cairo_surface_finish(surface_);
  const cairo_status_t status = cairo_status(cairo_);
  if (status != CAIRO_STATUS_SUCCESS) {
    return fail(Code::kIo, std::string("the report cannot be drawn: ") + cairo_status_to_string(status));
  }
  if (mark_as_tagged(language_, bytes_)) return bytes_;
  return fail(Code::kIo, "the report cannot be marked as tagged: its document is not as Cairo 1.16 writes it");
}

}  // namespace weerbaar::report
