"""The picture of a lesson in a frame that says what it is."""

from bptutor.text import Message
from bptutor.tui.symbols import look_of
from bptutor.tui.widgets.canvas import Drawing, Page
from bptutor.tui.widgets.neighbours import NearDrawing
from bptutor.tui.widgets.network import NetworkDrawing
from bptutor.tui.widgets.outline import NetworkOutline
from bptutor.tui.widgets.panel import Panel
from bptutor.views.picture import NetworkView, Pictured


class PicturePanel(Panel):
    def __init__(self, *, outline: bool) -> None:
        """Networks are drawn in outline, or with their numbers."""
        self.page = Page()
        self._outline = outline
        super().__init__(self.page)

    def show(self, pictured: Pictured | None) -> None:
        """Show a lesson; of one without a picture no frame."""
        self.display = pictured is not None
        if pictured and pictured.network:
            self.page.show(self._network(pictured.network, pictured))
        elif pictured and pictured.graph:
            symbols = look_of(self).symbols
            self.page.show(NearDrawing(pictured.graph, symbols, pictured, self._entitle_graph))

    def _network(self, view: NetworkView, pictured: Pictured) -> Drawing:
        look = look_of(self)
        units = (str(column.count) for column in view.columns[:-1])
        sizes = f" {look.symbols.arrow} ".join(units)
        self.entitle(look.symbols.dotted(look.words(Message("network")), sizes))
        if self._outline:
            return NetworkOutline(view, look.symbols)
        return NetworkDrawing(view, look.symbols, look.language, pictured)

    def _entitle_graph(self, around: str) -> None:
        """The graph, or as much of it as there is room for."""
        near = Message("graph around {name}", name=around)
        self.entitle(look_of(self).words(near if around else Message("graph")))
