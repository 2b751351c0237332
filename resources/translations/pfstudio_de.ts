<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
  <context>
    <name>pfstudio</name>
    <message numerus="yes">
      <source>%n calls</source>
      <translation>
        <numerusform>%n Aufruf</numerusform>
        <numerusform>%n Aufrufe</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n depth maps are still to be saved.</source>
      <translation>
        <numerusform>%n Tiefenkarte ist noch zu speichern.</numerusform>
        <numerusform>%n Tiefenkarten sind noch zu speichern.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n files</source>
      <translation>
        <numerusform>%n Datei</numerusform>
        <numerusform>%n Dateien</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n files exist and will be replaced.</source>
      <translation>
        <numerusform>%n Datei gibt es schon; sie wird ersetzt.</numerusform>
        <numerusform>%n Dateien gibt es schon; sie werden ersetzt.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n images are upscaled</source>
      <translation>
        <numerusform>%n Bild ist hochskaliert</numerusform>
        <numerusform>%n Bilder sind hochskaliert</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n images have depth</source>
      <translation>
        <numerusform>%n Bild hat Tiefe</numerusform>
        <numerusform>%n Bilder haben Tiefe</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n images · {page}</source>
      <translation>
        <numerusform>%n Bild · {page}</numerusform>
        <numerusform>%n Bilder · {page}</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n items</source>
      <translation>
        <numerusform>%n Eintrag</numerusform>
        <numerusform>%n Einträge</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n items · Library</source>
      <translation>
        <numerusform>%n Eintrag · Bibliothek</numerusform>
        <numerusform>%n Einträge · Bibliothek</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n runs are waiting from the last session.</source>
      <translation>
        <numerusform>%n Lauf wartet noch aus der letzten Sitzung.</numerusform>
        <numerusform>%n Läufe warten noch aus der letzten Sitzung.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n runs were interrupted in the last session.</source>
      <translation>
        <numerusform>%n Lauf wurde in der letzten Sitzung unterbrochen.</numerusform>
        <numerusform>%n Läufe wurden in der letzten Sitzung unterbrochen.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n threads</source>
      <translation>
        <numerusform>%n Thread</numerusform>
        <numerusform>%n Threads</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n upscaled images are still to be saved.</source>
      <translation>
        <numerusform>%n hochskaliertes Bild ist noch zu speichern.</numerusform>
        <numerusform>%n hochskalierte Bilder sind noch zu speichern.</numerusform>
      </translation>
    </message>
    <message>
      <source>0 certain</source>
      <translation>0 sicher</translation>
    </message>
    <message>
      <source>0 is noise, 1 is data</source>
      <translation>0 ist Rauschen, 1 sind die Daten</translation>
    </message>
    <message>
      <source>0 is noise, 1 is the clean image</source>
      <translation>0 ist Rauschen, 1 das saubere Bild</translation>
    </message>
    <message>
      <source>1 of {count}</source>
      <translation>1 von {count}</translation>
    </message>
    <message>
      <source>1 or {most}</source>
      <translation>1 oder {most}</translation>
    </message>
    <message>
      <source>1 thread</source>
      <translation>1 Thread</translation>
    </message>
    <message>
      <source>16-bit PNG, range stored in the file</source>
      <translation>16-Bit-PNG, Wertebereich in der Datei</translation>
    </message>
    <message>
      <source>; {due} images to do.</source>
      <translation>; {due} Bilder stehen an.</translation>
    </message>
    <message>
      <source>A branch starts at its recorded times, so it takes no start time.</source>
      <translation>Eine Verzweigung beginnt bei ihren aufgezeichneten Zeiten und nimmt daher keine Startzeit.</translation>
    </message>
    <message>
      <source>A branch starts inside another run, so its columns have no common noise.</source>
      <translation>Eine Verzweigung beginnt mitten in einem anderen Lauf, deshalb haben ihre Spalten kein gemeinsames Rauschen.</translation>
    </message>
    <message>
      <source>A call of {model} takes {times} on this processor.</source>
      <translation>Ein Aufruf von {model} dauert auf diesem Prozessor {times}.</translation>
    </message>
    <message>
      <source>A column is a layer, a row is a time</source>
      <translation>Eine Spalte ist eine Schicht, eine Zeile eine Zeit</translation>
    </message>
    <message>
      <source>A comparison needs two columns.</source>
      <translation>Ein Vergleich braucht zwei Spalten.</translation>
    </message>
    <message>
      <source>A contact sheet needs at least one image and one column.</source>
      <translation>Ein Kontaktbogen braucht mindestens ein Bild und eine Spalte.</translation>
    </message>
    <message>
      <source>A contact sheet needs images of one size and a label for each.</source>
      <translation>Ein Kontaktbogen braucht Bilder gleicher Größe und zu jedem eine Beschriftung.</translation>
    </message>
    <message>
      <source>A figure for a paper: calls across, views down, with a caption.</source>
      <translation>Eine Abbildung für einen Artikel: Aufrufe nebeneinander, Ansichten untereinander, mit Bildunterschrift.</translation>
    </message>
    <message>
      <source>A generator as a classifier</source>
      <translation>Ein Generator als Klassifikator</translation>
    </message>
    <message>
      <source>A line between before and after; Left and Right move it</source>
      <translation>Eine Linie zwischen vorher und nachher; die Pfeiltasten links und rechts bewegen sie</translation>
    </message>
    <message>
      <source>A map over the prediction</source>
      <translation>Eine Karte über der Vorhersage</translation>
    </message>
    <message>
      <source>A model is being installed.</source>
      <translation>Ein Modell wird gerade installiert.</translation>
    </message>
    <message>
      <source>A network for videos keeps no record of its scans.</source>
      <translation>Ein Netz für Videos zeichnet seine Scans nicht auf.</translation>
    </message>
    <message>
      <source>A path visits every patch of the image once.</source>
      <translation>Ein Weg besucht jeden Patch des Bildes einmal.</translation>
    </message>
    <message>
      <source>A race of all classes, with evidence of each patch</source>
      <translation>Ein Rennen aller Klassen, mit den Hinweisen jedes Patches</translation>
    </message>
    <message>
      <source>A run cannot be looked at together with other files.</source>
      <translation>Ein Lauf lässt sich nicht zusammen mit anderen Dateien betrachten.</translation>
    </message>
    <message>
      <source>A run has conditions of its own.</source>
      <translation>Ein Lauf hat seine eigenen Bedingungen.</translation>
    </message>
    <message>
      <source>A single member has no spread. Choose a larger ensemble.</source>
      <translation>Ein einzelnes Mitglied hat keine Streuung. Ein größeres Ensemble wählen.</translation>
    </message>
    <message>
      <source>A video scan is v2, or zzvideo_ followed by the letters s and t, such as zzvideo_sst.</source>
      <translation>Ein Video-Scan ist v2 oder zzvideo_, gefolgt von den Buchstaben s und t, etwa zzvideo_sst.</translation>
    </message>
    <message>
      <source>APG</source>
      <translation>APG</translation>
    </message>
    <message>
      <source>About</source>
      <translation>Info</translation>
    </message>
    <message>
      <source>About Patch Forcing Studio</source>
      <translation>Info zu Patch Forcing Studio</translation>
    </message>
    <message>
      <source>Accept and download</source>
      <translation>Annehmen und herunterladen</translation>
    </message>
    <message>
      <source>Activations between layers</source>
      <translation>Aktivierungen zwischen den Schichten</translation>
    </message>
    <message>
      <source>Adaptive</source>
      <translation>Adaptiv</translation>
    </message>
    <message>
      <source>Add a note</source>
      <translation>Notiz hinzufügen</translation>
    </message>
    <message>
      <source>Add another class</source>
      <translation>Weitere Klasse hinzufügen</translation>
    </message>
    <message>
      <source>Add images…</source>
      <translation>Bilder hinzufügen …</translation>
    </message>
    <message>
      <source>Add star</source>
      <translation>Markieren</translation>
    </message>
    <message>
      <source>Add to queue</source>
      <translation>In die Warteschlange</translation>
    </message>
    <message>
      <source>Added to the queue.</source>
      <translation>In die Warteschlange gestellt.</translation>
    </message>
    <message>
      <source>After</source>
      <translation>Nachher</translation>
    </message>
    <message>
      <source>Against another call or run</source>
      <translation>Mit einem anderen Aufruf oder Lauf</translation>
    </message>
    <message>
      <source>Alignment in training</source>
      <translation>Angleichung beim Training</translation>
    </message>
    <message>
      <source>All images</source>
      <translation>Alle Bilder</translation>
    </message>
    <message>
      <source>All kinds</source>
      <translation>Alle Arten</translation>
    </message>
    <message>
      <source>All models</source>
      <translation>Alle Modelle</translation>
    </message>
    <message>
      <source>All patches</source>
      <translation>Alle Patches</translation>
    </message>
    <message>
      <source>All samplers</source>
      <translation>Alle Sampler</translation>
    </message>
    <message>
      <source>Allow writing there, or set PFSTUDIO_DATA to another folder.</source>
      <translation>Das Schreiben dort erlauben oder PFSTUDIO_DATA auf einen anderen Ordner setzen.</translation>
    </message>
    <message>
      <source>Also computes as that run did: {sentence}</source>
      <translation>Rechnet auch so wie jener Lauf: {sentence}</translation>
    </message>
    <message>
      <source>An earlier or smaller model; guidance leads away from its prediction</source>
      <translation>Ein früheres oder kleineres Modell; die Guidance führt von dessen Vorhersage weg</translation>
    </message>
    <message>
      <source>An export is being written.</source>
      <translation>Ein Export wird gerade geschrieben.</translation>
    </message>
    <message>
      <source>Animated PNG</source>
      <translation>Animiertes PNG</translation>
    </message>
    <message>
      <source>Another export is running.</source>
      <translation>Ein anderer Export läuft bereits.</translation>
    </message>
    <message>
      <source>Any time</source>
      <translation>Jederzeit</translation>
    </message>
    <message>
      <source>Appearance</source>
      <translation>Darstellung</translation>
    </message>
    <message>
      <source>Apple GPU</source>
      <translation>Apple-GPU</translation>
    </message>
    <message>
      <source>Arrow keys turn it, the wheel zooms</source>
      <translation>Pfeiltasten drehen sie, das Mausrad zoomt</translation>
    </message>
    <message>
      <source>Arrow keys with Control turn it, plus and minus zoom</source>
      <translation>Pfeiltasten mit Strg drehen, Plus und Minus zoomen</translation>
    </message>
    <message>
      <source>As in that run</source>
      <translation>Wie in jenem Lauf</translation>
    </message>
    <message>
      <source>As many as in the run that it branches from</source>
      <translation>So viele wie im Lauf, von dem das Rezept abzweigt</translation>
    </message>
    <message>
      <source>As trained: {path}</source>
      <translation>Wie trainiert: {path}</translation>
    </message>
    <message>
      <source>Ask for fewer images, layers or times.</source>
      <translation>Weniger Bilder, Schichten oder Zeiten verlangen.</translation>
    </message>
    <message>
      <source>Ask for that many, or remove the branch.</source>
      <translation>So viele verlangen oder die Verzweigung entfernen.</translation>
    </message>
    <message>
      <source>Asking the model…</source>
      <translation>Modell wird befragt …</translation>
    </message>
    <message>
      <source>At the pointer</source>
      <translation>Am Mauszeiger</translation>
    </message>
    <message>
      <source>Attention</source>
      <translation>Attention</translation>
    </message>
    <message>
      <source>Auto</source>
      <translation>Auto</translation>
    </message>
    <message>
      <source>Auto + sparse</source>
      <translation>Auto + Sparse</translation>
    </message>
    <message>
      <source>Auto is timed on this machine when a model first runs.</source>
      <translation>Auto wird auf diesem Rechner gemessen, wenn ein Modell zum ersten Mal läuft.</translation>
    </message>
    <message>
      <source>Away from what a weaker model says of the same. Costs one pass of each model.</source>
      <translation>Weg von dem, was ein schwächeres Modell dazu sagt. Kostet einen Durchgang jedes Modells.</translation>
    </message>
    <message>
      <source>Away from what a weaker model says, each with its own share of the patches. Costs less than one pass of each model.</source>
      <translation>Weg von dem, was ein schwächeres Modell sagt, jedes mit seinem Anteil der Patches. Kostet weniger als einen Durchgang jedes Modells.</translation>
    </message>
    <message>
      <source>Away from what the model says of a random class, which suits models that never learnt to draw without one. Costs two passes.</source>
      <translation>Weg von dem, was das Modell zu einer zufälligen Klasse sagt; gut für Modelle, die nie ohne Klasse gelernt haben. Kostet zwei Durchgänge.</translation>
    </message>
    <message>
      <source>Away from what the model says where more patches skip its layers. Costs less than two passes.</source>
      <translation>Weg von dem, was das Modell sagt, wenn mehr Patches seine Schichten überspringen. Kostet weniger als zwei Durchgänge.</translation>
    </message>
    <message>
      <source>Away from what the model says where patches do not look at each other. Costs up to one more pass; needs no class or prompt.</source>
      <translation>Weg von dem, was das Modell sagt, wenn die Patches einander nicht sehen. Kostet bis zu einen Durchgang mehr; braucht weder Klasse noch Prompt.</translation>
    </message>
    <message>
      <source>Away from what the model says where the questions of all patches are blurred. Costs up to one more pass; needs no class or prompt.</source>
      <translation>Weg von dem, was das Modell sagt, wenn die Fragen aller Patches verwischt sind. Kostet bis zu einen Durchgang mehr; braucht weder Klasse noch Prompt.</translation>
    </message>
    <message>
      <source>Away from what the model says without some of its blocks. Costs less than one more pass; needs no class or prompt.</source>
      <translation>Weg von dem, was das Modell ohne einige seiner Blöcke sagt. Kostet weniger als einen Durchgang mehr; braucht weder Klasse noch Prompt.</translation>
    </message>
    <message>
      <source>Away from what the model says without the class and with fewer patches. Costs less than two passes.</source>
      <translation>Weg von dem, was das Modell ohne die Klasse und mit weniger Patches sagt. Kostet weniger als zwei Durchgänge.</translation>
    </message>
    <message>
      <source>Away from what the model says without the class, or of the negative prompt. Costs two passes.</source>
      <translation>Weg von dem, was das Modell ohne die Klasse oder zum negativen Prompt sagt. Kostet zwei Durchgänge.</translation>
    </message>
    <message>
      <source>Back</source>
      <translation>Zurück</translation>
    </message>
    <message>
      <source>Back 10 %</source>
      <translation>10 % zurück</translation>
    </message>
    <message>
      <source>Back to the stage</source>
      <translation>Zurück zur Bühne</translation>
    </message>
    <message>
      <source>Backbones</source>
      <translation>Backbones</translation>
    </message>
    <message>
      <source>Before</source>
      <translation>Vorher</translation>
    </message>
    <message>
      <source>Before and after, linked</source>
      <translation>Vorher und nachher, verknüpft</translation>
    </message>
    <message>
      <source>Before, enlarged by</source>
      <translation>Vorher, vergrößert mit</translation>
    </message>
    <message>
      <source>Before: other enlarging</source>
      <translation>Vorher: andere Vergrößerung</translation>
    </message>
    <message>
      <source>Best probe layer</source>
      <translation>Beste Schicht für Sonden</translation>
    </message>
    <message>
      <source>Block</source>
      <translation>Block</translation>
    </message>
    <message>
      <source>Blocks</source>
      <translation>Blöcke</translation>
    </message>
    <message>
      <source>Blue noise</source>
      <translation>Blaues Rauschen</translation>
    </message>
    <message>
      <source>Blue patches speak for {name}, red ones for {other}.</source>
      <translation>Blaue Patches sprechen für {name}, rote für {other}.</translation>
    </message>
    <message>
      <source>Blues</source>
      <translation>Blautöne</translation>
    </message>
    <message>
      <source>Blur</source>
      <translation>Unschärfe</translation>
    </message>
    <message>
      <source>Branch</source>
      <translation>Verzweigung</translation>
    </message>
    <message>
      <source>Branch from this call</source>
      <translation>Ab hier verzweigen</translation>
    </message>
    <message>
      <source>Browse for images</source>
      <translation>Nach Bildern suchen</translation>
    </message>
    <message>
      <source>Browse…</source>
      <translation>Durchsuchen …</translation>
    </message>
    <message>
      <source>Brush size in patches</source>
      <translation>Pinselgröße in Patches</translation>
    </message>
    <message>
      <source>CFG</source>
      <translation>CFG</translation>
    </message>
    <message>
      <source>CFG + sparse</source>
      <translation>CFG + Sparse</translation>
    </message>
    <message>
      <source>CFG for the hard patches: its strength rises with the predicted difficulty. Costs two passes.</source>
      <translation>CFG für die schweren Patches: Die Stärke steigt mit der vorhergesagten Schwierigkeit. Kostet zwei Durchgänge.</translation>
    </message>
    <message>
      <source>CFG for the patches whose time lies in an interval. Costs two passes there, one elsewhere.</source>
      <translation>CFG für die Patches, deren Zeit in einem Intervall liegt. Kostet dort zwei Durchgänge, sonst einen.</translation>
    </message>
    <message>
      <source>CFG whose weak prediction is scaled to fit, and that waits at the beginning, where a velocity is least to be trusted. Costs two passes.</source>
      <translation>CFG mit passend skalierter schwacher Vorhersage, das am Anfang wartet, wo der Geschwindigkeit am wenigsten zu trauen ist. Kostet zwei Durchgänge.</translation>
    </message>
    <message>
      <source>CFG without the part of its difference that only adds contrast. Costs two passes.</source>
      <translation>CFG ohne den Teil der Differenz, der nur den Kontrast erhöht. Kostet zwei Durchgänge.</translation>
    </message>
    <message>
      <source>CFG-Zero*</source>
      <translation>CFG-Zero*</translation>
    </message>
    <message>
      <source>CPU</source>
      <translation>CPU</translation>
    </message>
    <message>
      <source>CUDA</source>
      <translation>CUDA</translation>
    </message>
    <message>
      <source>Calibration</source>
      <translation>Kalibrierung</translation>
    </message>
    <message>
      <source>Call</source>
      <translation>Aufruf</translation>
    </message>
    <message>
      <source>Call to compare with</source>
      <translation>Aufruf, mit dem verglichen wird</translation>
    </message>
    <message>
      <source>Call {call} of an earlier run</source>
      <translation>Aufruf {call} eines früheren Laufs</translation>
    </message>
    <message>
      <source>Calls for each patch</source>
      <translation>Aufrufe je Patch</translation>
    </message>
    <message>
      <source>Calls shown per second</source>
      <translation>Gezeigte Aufrufe pro Sekunde</translation>
    </message>
    <message>
      <source>Calls, spread evenly over the run</source>
      <translation>Aufrufe, gleichmäßig über den Lauf verteilt</translation>
    </message>
    <message>
      <source>Can be downloaded</source>
      <translation>Zum Herunterladen</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Abbrechen</translation>
    </message>
    <message>
      <source>Cannot be used</source>
      <translation>Nicht verwendbar</translation>
    </message>
    <message>
      <source>Canvas: compared</source>
      <translation>Bildfläche: verglichen</translation>
    </message>
    <message>
      <source>Canvas: compared with</source>
      <translation>Bildfläche: verglichen mit</translation>
    </message>
    <message>
      <source>Canvas: {left}</source>
      <translation>Bildfläche: {left}</translation>
    </message>
    <message>
      <source>Canvas: {left} and {right}</source>
      <translation>Bildfläche: {left} und {right}</translation>
    </message>
    <message>
      <source>Canvas: {name}, prediction</source>
      <translation>Bildfläche: {name}, Vorhersage</translation>
    </message>
    <message>
      <source>Canvas: {name}, {map}</source>
      <translation>Bildfläche: {name}, {map}</translation>
    </message>
    <message>
      <source>Canvas: {right}</source>
      <translation>Bildfläche: {right}</translation>
    </message>
    <message>
      <source>Canvas: {title}</source>
      <translation>Bildfläche: {title}</translation>
    </message>
    <message>
      <source>Check sum</source>
      <translation>Prüfsumme</translation>
    </message>
    <message>
      <source>Check the connection and download it again; it goes on where it stopped.</source>
      <translation>Die Verbindung prüfen und erneut herunterladen; es geht dort weiter, wo es aufgehört hat.</translation>
    </message>
    <message>
      <source>Check the disk and try again.</source>
      <translation>Den Datenträger prüfen und erneut versuchen.</translation>
    </message>
    <message>
      <source>Checking and converting</source>
      <translation>Wird geprüft und umgewandelt</translation>
    </message>
    <message>
      <source>Checking and converting…</source>
      <translation>Wird geprüft und umgewandelt …</translation>
    </message>
    <message>
      <source>Checking {name}…</source>
      <translation>{name} wird geprüft …</translation>
    </message>
    <message>
      <source>Choose CFG, or another model.</source>
      <translation>CFG oder ein anderes Modell wählen.</translation>
    </message>
    <message>
      <source>Choose GIF or animated PNG.</source>
      <translation>GIF oder animiertes PNG wählen.</translation>
    </message>
    <message>
      <source>Choose Probe and drag a line over the image.</source>
      <translation>„Messen“ wählen und eine Linie über das Bild ziehen.</translation>
    </message>
    <message>
      <source>Choose a .ckpt or .safetensors file.</source>
      <translation>Eine Datei mit der Endung .ckpt oder .safetensors wählen.</translation>
    </message>
    <message>
      <source>Choose a KL autoencoder in the layout of diffusers or CompVis.</source>
      <translation>Einen KL-Autoencoder im Aufbau von diffusers oder CompVis wählen.</translation>
    </message>
    <message>
      <source>Choose a PNG, JPEG, WebP or TIFF.</source>
      <translation>Ein PNG, JPEG, WebP oder TIFF wählen.</translation>
    </message>
    <message>
      <source>Choose a checkpoint of a network.</source>
      <translation>Einen Checkpoint eines Netzes wählen.</translation>
    </message>
    <message>
      <source>Choose a file that was saved as a trace.</source>
      <translation>Eine Datei wählen, die als Aufzeichnung gespeichert wurde.</translation>
    </message>
    <message>
      <source>Choose a folder</source>
      <translation>Ordner wählen</translation>
    </message>
    <message>
      <source>Choose a folder that you may write to.</source>
      <translation>Einen Ordner mit Schreibrecht wählen.</translation>
    </message>
    <message>
      <source>Choose a folder.</source>
      <translation>Einen Ordner wählen.</translation>
    </message>
    <message>
      <source>Choose a model in the recipe.</source>
      <translation>Im Rezept ein Modell wählen.</translation>
    </message>
    <message>
      <source>Choose a model that does.</source>
      <translation>Ein passendes Modell wählen.</translation>
    </message>
    <message>
      <source>Choose a trace of a run with sparse guidance.</source>
      <translation>Eine Aufzeichnung eines Laufs mit Sparse Guidance wählen.</translation>
    </message>
    <message>
      <source>Choose an autoencoder that does.</source>
      <translation>Einen passenden Autoencoder wählen.</translation>
    </message>
    <message>
      <source>Choose an earlier one.</source>
      <translation>Einen früheren wählen.</translation>
    </message>
    <message>
      <source>Choose an earlier or smaller model of the same data.</source>
      <translation>Ein früheres oder kleineres Modell derselben Daten wählen.</translation>
    </message>
    <message>
      <source>Choose an image inside it.</source>
      <translation>Ein Bild darin wählen.</translation>
    </message>
    <message>
      <source>Choose an image…</source>
      <translation>Bild wählen …</translation>
    </message>
    <message>
      <source>Choose another file.</source>
      <translation>Eine andere Datei wählen.</translation>
    </message>
    <message>
      <source>Choose at least one view and one column.</source>
      <translation>Mindestens eine Ansicht und eine Spalte wählen.</translation>
    </message>
    <message>
      <source>Choose at least one view.</source>
      <translation>Mindestens eine Ansicht wählen.</translation>
    </message>
    <message>
      <source>Choose at least two</source>
      <translation>Mindestens zwei wählen</translation>
    </message>
    <message>
      <source>Choose at least two.</source>
      <translation>Mindestens zwei wählen.</translation>
    </message>
    <message>
      <source>Choose folder and name</source>
      <translation>Ordner und Namen wählen</translation>
    </message>
    <message>
      <source>Choose no guidance.</source>
      <translation>Keine Guidance wählen.</translation>
    </message>
    <message>
      <source>Choose one from the list.</source>
      <translation>Einen Eintrag der Liste wählen.</translation>
    </message>
    <message>
      <source>Choose one of these endings.</source>
      <translation>Eine dieser Endungen wählen.</translation>
    </message>
    <message>
      <source>Choose one.</source>
      <translation>Einen wählen.</translation>
    </message>
    <message>
      <source>Choose sparse guidance.</source>
      <translation>Sparse Guidance wählen.</translation>
    </message>
    <message>
      <source>Choose the .ckpt file itself.</source>
      <translation>Die .ckpt-Datei selbst wählen.</translation>
    </message>
    <message>
      <source>Choose the device cpu or auto.</source>
      <translation>Das Gerät „cpu“ oder „auto“ wählen.</translation>
    </message>
    <message>
      <source>Choose the file inside it.</source>
      <translation>Die Datei darin wählen.</translation>
    </message>
    <message>
      <source>Choose the folder with its card.json.</source>
      <translation>Den Ordner mit der Datei card.json wählen.</translation>
    </message>
    <message>
      <source>Choose the guidance auto, or another weak model.</source>
      <translation>Die Guidance „auto“ oder ein anderes schwaches Modell wählen.</translation>
    </message>
    <message>
      <source>Choose the model, the number of images and the size of that run.</source>
      <translation>Modell, Bildzahl und Größe jenes Laufs wählen.</translation>
    </message>
    <message>
      <source>Choose the sampler and the steps of that run.</source>
      <translation>Sampler und Schritte jenes Laufs wählen.</translation>
    </message>
    <message>
      <source>Choose this guidance and its weak model in the recipe first.</source>
      <translation>Zuerst im Rezept diese Guidance und ihr schwaches Modell wählen.</translation>
    </message>
    <message>
      <source>Choose uniform timesteps.</source>
      <translation>Einheitliche Zeitschritte wählen.</translation>
    </message>
    <message>
      <source>Choose what this panel shows</source>
      <translation>Wählen, was dieses Feld zeigt</translation>
    </message>
    <message>
      <source>Cividis</source>
      <translation>Cividis</translation>
    </message>
    <message>
      <source>Class</source>
      <translation>Klasse</translation>
    </message>
    <message>
      <source>Classes</source>
      <translation>Klassen</translation>
    </message>
    <message>
      <source>Classes and prompts cannot be mixed.</source>
      <translation>Klassen und Prompts lassen sich nicht mischen.</translation>
    </message>
    <message>
      <source>Clean</source>
      <translation>Sauber</translation>
    </message>
    <message>
      <source>Clear all paint</source>
      <translation>Alle Markierungen löschen</translation>
    </message>
    <message>
      <source>Clear list</source>
      <translation>Liste leeren</translation>
    </message>
    <message>
      <source>Clear marks</source>
      <translation>Markierungen löschen</translation>
    </message>
    <message>
      <source>Clear paint</source>
      <translation>Markierungen löschen</translation>
    </message>
    <message>
      <source>Clear queue</source>
      <translation>Warteschlange leeren</translation>
    </message>
    <message>
      <source>Click a patch to inspect it, drag to pan</source>
      <translation>Klicken untersucht einen Patch, Ziehen verschiebt</translation>
    </message>
    <message>
      <source>Click a patch to see how it came to be.</source>
      <translation>Einen Patch anklicken, um zu sehen, wie er entstand.</translation>
    </message>
    <message>
      <source>Click a patch: how similar is every other one?</source>
      <translation>Einen Patch anklicken: wie ähnlich ist jeder andere?</translation>
    </message>
    <message>
      <source>Click a patch: what does it look at?</source>
      <translation>Einen Patch anklicken: wohin schaut er?</translation>
    </message>
    <message>
      <source>Click a row to show its run in timeline and inspector</source>
      <translation>Ein Klick auf eine Zeile zeigt ihren Lauf in Zeitleiste und Inspektor</translation>
    </message>
    <message>
      <source>Click, then press the new keys; Backspace removes the shortcut</source>
      <translation>Klicken, dann die neuen Tasten drücken; die Rücktaste entfernt das Tastenkürzel</translation>
    </message>
    <message>
      <source>Clip at both ends</source>
      <translation>An beiden Enden abschneiden</translation>
    </message>
    <message>
      <source>Close</source>
      <translation>Schließen</translation>
    </message>
    <message>
      <source>Close anyway</source>
      <translation>Trotzdem schließen</translation>
    </message>
    <message>
      <source>Close when finished</source>
      <translation>Danach schließen</translation>
    </message>
    <message>
      <source>Clusters, merged attention, a few scribbles</source>
      <translation>Cluster, verschmolzene Attention, ein paar Striche</translation>
    </message>
    <message>
      <source>Colour bar</source>
      <translation>Farbskala</translation>
    </message>
    <message>
      <source>Colour map</source>
      <translation>Farbtabelle</translation>
    </message>
    <message>
      <source>Colour map of difficulty</source>
      <translation>Farbtabelle der Schwierigkeit</translation>
    </message>
    <message>
      <source>Colour map of time</source>
      <translation>Farbtabelle der Zeit</translation>
    </message>
    <message>
      <source>Colour of the schedule</source>
      <translation>Farbe des Zeitplans</translation>
    </message>
    <message>
      <source>Colours</source>
      <translation>Farben</translation>
    </message>
    <message>
      <source>Colours of {words}</source>
      <translation>Farben von {words}</translation>
    </message>
    <message>
      <source>Columns</source>
      <translation>Spalten</translation>
    </message>
    <message>
      <source>Command line copied.</source>
      <translation>Befehlszeile kopiert.</translation>
    </message>
    <message>
      <source>Compare</source>
      <translation>Vergleichen</translation>
    </message>
    <message>
      <source>Compare by</source>
      <translation>Art des Vergleichs</translation>
    </message>
    <message>
      <source>Compare guidance rules from the same noise, with the recipe's condition and sampler and the same NFE.
Choose two or more above, then press Compare.</source>
      <translation>Guidance-Regeln aus demselben Rauschen vergleichen, mit Bedingung und Sampler des Rezepts und derselben NFE.
Oben mindestens zwei wählen, dann „Vergleichen“ drücken.</translation>
    </message>
    <message>
      <source>Compare samplers from the same noise, with the recipe's condition and guidance and the same NFE.
Choose two or more above, then press Compare.</source>
      <translation>Sampler aus demselben Rauschen vergleichen, mit Bedingung und Guidance des Rezepts und derselben NFE.
Oben mindestens zwei wählen, dann „Vergleichen“ drücken.</translation>
    </message>
    <message>
      <source>Compare samplers or guidance rules side by side</source>
      <translation>Sampler oder Guidance-Regeln nebeneinander vergleichen</translation>
    </message>
    <message>
      <source>Compare with</source>
      <translation>Vergleichen mit</translation>
    </message>
    <message>
      <source>Compare with parent</source>
      <translation>Mit Ursprung vergleichen</translation>
    </message>
    <message>
      <source>Comparison in figures</source>
      <translation>Vergleich in Zahlen</translation>
    </message>
    <message>
      <source>Components</source>
      <translation>Komponenten</translation>
    </message>
    <message>
      <source>Compute</source>
      <translation>Aufwand</translation>
    </message>
    <message>
      <source>Compute as the settings say again</source>
      <translation>Wieder so rechnen, wie es die Einstellungen sagen</translation>
    </message>
    <message>
      <source>Compute per image</source>
      <translation>Rechenaufwand je Bild</translation>
    </message>
    <message>
      <source>Compute saved</source>
      <translation>Aufwand gespart</translation>
    </message>
    <message>
      <source>Computing</source>
      <translation>Rechnen</translation>
    </message>
    <message>
      <source>Conditions from clusters or retrieval</source>
      <translation>Bedingungen aus Clustern oder aus Suche</translation>
    </message>
    <message>
      <source>Confidence</source>
      <translation>Konfidenz</translation>
    </message>
    <message>
      <source>Consistency</source>
      <translation>Konsistenz</translation>
    </message>
    <message>
      <source>Constant</source>
      <translation>Konstant</translation>
    </message>
    <message>
      <source>Contents</source>
      <translation>Inhalt</translation>
    </message>
    <message>
      <source>Context</source>
      <translation>Kontext</translation>
    </message>
    <message>
      <source>Context ratio</source>
      <translation>Kontextverhältnis</translation>
    </message>
    <message>
      <source>Contrast</source>
      <translation>Kontrast</translation>
    </message>
    <message>
      <source>Convert it to PNG or JPEG first.</source>
      <translation>Zuerst in PNG oder JPEG umwandeln.</translation>
    </message>
    <message>
      <source>Copied the result.</source>
      <translation>Ergebnis kopiert.</translation>
    </message>
    <message>
      <source>Copied the view.</source>
      <translation>Ansicht kopiert.</translation>
    </message>
    <message>
      <source>Copy as command line</source>
      <translation>Als Befehlszeile kopieren</translation>
    </message>
    <message>
      <source>Copy image</source>
      <translation>Bild kopieren</translation>
    </message>
    <message>
      <source>Copy report</source>
      <translation>Bericht kopieren</translation>
    </message>
    <message>
      <source>Copy result</source>
      <translation>Ergebnis kopieren</translation>
    </message>
    <message>
      <source>Copy view as image</source>
      <translation>Ansicht als Bild kopieren</translation>
    </message>
    <message>
      <source>Cost and difference of the columns</source>
      <translation>Kosten und Unterschied der Spalten</translation>
    </message>
    <message>
      <source>Crop or resize it.</source>
      <translation>Zuschneiden oder die Größe ändern.</translation>
    </message>
    <message>
      <source>Dark</source>
      <translation>Dunkel</translation>
    </message>
    <message>
      <source>Dashed: perfectly calibrated</source>
      <translation>Gestrichelt: perfekt kalibriert</translation>
    </message>
    <message>
      <source>Dashed: the best possible order</source>
      <translation>Gestrichelt: die bestmögliche Reihenfolge</translation>
    </message>
    <message>
      <source>Dashed: the measured error</source>
      <translation>Gestrichelt: der gemessene Fehler</translation>
    </message>
    <message>
      <source>Date</source>
      <translation>Datum</translation>
    </message>
    <message>
      <source>Decoding</source>
      <translation>Dekodieren</translation>
    </message>
    <message>
      <source>Decreasing</source>
      <translation>Abnehmend</translation>
    </message>
    <message>
      <source>Default shortcut of {name}</source>
      <translation>Standardkürzel von „{name}“</translation>
    </message>
    <message>
      <source>Delete it in the file manager.</source>
      <translation>Im Dateimanager löschen.</translation>
    </message>
    <message>
      <source>Delete it, and answer again.</source>
      <translation>Löschen und neu antworten.</translation>
    </message>
    <message>
      <source>Delete preset</source>
      <translation>Voreinstellung löschen</translation>
    </message>
    <message>
      <source>Deleted the preset {name}.</source>
      <translation>Voreinstellung „{name}“ gelöscht.</translation>
    </message>
    <message>
      <source>Depth</source>
      <translation>Tiefe</translation>
    </message>
    <message>
      <source>Depth along the line</source>
      <translation>Tiefe entlang der Linie</translation>
    </message>
    <message>
      <source>Depth by a flow from the image, with confidence</source>
      <translation>Tiefe durch einen Fluss vom Bild aus, mit Konfidenz</translation>
    </message>
    <message>
      <source>Depth from any image</source>
      <translation>Tiefe aus jedem Bild</translation>
    </message>
    <message>
      <source>Depth map</source>
      <translation>Tiefenkarte</translation>
    </message>
    <message>
      <source>Depth model</source>
      <translation>Tiefenmodell</translation>
    </message>
    <message numerus="yes">
      <source>Depth of %n images</source>
      <translation>
        <numerusform>Tiefe von %n Bild</numerusform>
        <numerusform>Tiefe von %n Bildern</numerusform>
      </translation>
    </message>
    <message>
      <source>Depth of {name}</source>
      <translation>Tiefe von {name}</translation>
    </message>
    <message>
      <source>Depth over the image</source>
      <translation>Tiefe über dem Bild</translation>
    </message>
    <message>
      <source>Depth under a line that can be dragged</source>
      <translation>Tiefe unter einer verschiebbaren Linie</translation>
    </message>
    <message>
      <source>Describe what the image shows.</source>
      <translation>Beschreiben, was das Bild zeigt.</translation>
    </message>
    <message>
      <source>Detail as generation</source>
      <translation>Details als Erzeugung</translation>
    </message>
    <message>
      <source>Details</source>
      <translation>Details</translation>
    </message>
    <message>
      <source>Deutsch</source>
      <translation>Deutsch</translation>
    </message>
    <message>
      <source>Device</source>
      <translation>Gerät</translation>
    </message>
    <message>
      <source>Difference</source>
      <translation>Differenz</translation>
    </message>
    <message>
      <source>Difference to</source>
      <translation>Differenz zu</translation>
    </message>
    <message>
      <source>Difficulties of all patches</source>
      <translation>Schwierigkeiten aller Patches</translation>
    </message>
    <message>
      <source>Difficulties of all patches in this call</source>
      <translation>Schwierigkeiten aller Patches in diesem Aufruf</translation>
    </message>
    <message>
      <source>Difficulty</source>
      <translation>Schwierigkeit</translation>
    </message>
    <message>
      <source>Difficulty colours</source>
      <translation>Farben der Schwierigkeit</translation>
    </message>
    <message>
      <source>Difficulty log σ²</source>
      <translation>Schwierigk. log σ²</translation>
    </message>
    <message>
      <source>Difficulty rank</source>
      <translation>Rang</translation>
    </message>
    <message>
      <source>Diffusion models that represent</source>
      <translation>Diffusionsmodelle, die darstellen</translation>
    </message>
    <message>
      <source>Directions</source>
      <translation>Richtungen</translation>
    </message>
    <message>
      <source>Discard</source>
      <translation>Verwerfen</translation>
    </message>
    <message>
      <source>Dismiss</source>
      <translation>Ausblenden</translation>
    </message>
    <message>
      <source>Dismiss all</source>
      <translation>Alle ausblenden</translation>
    </message>
    <message>
      <source>Disparity</source>
      <translation>Disparität</translation>
    </message>
    <message>
      <source>Do not use this file, and tell whoever gave it to you.</source>
      <translation>Diese Datei nicht verwenden und der Quelle Bescheid geben.</translation>
    </message>
    <message>
      <source>Does the model know where it errs?</source>
      <translation>Weiß das Modell, wo es irrt?</translation>
    </message>
    <message>
      <source>Done in {seconds:.1f} s.</source>
      <translation>Fertig in {seconds:.1f} s.</translation>
    </message>
    <message>
      <source>Dopri5</source>
      <translation>Dopri5</translation>
    </message>
    <message>
      <source>Download</source>
      <translation>Herunterladen</translation>
    </message>
    <message>
      <source>Download it again to go on from here.</source>
      <translation>Zum Fortsetzen erneut herunterladen.</translation>
    </message>
    <message>
      <source>Download it again.</source>
      <translation>Erneut herunterladen.</translation>
    </message>
    <message>
      <source>Download nothing, even if asked; without it, only what is asked for</source>
      <translation>Nichts herunterladen, auch nicht auf Verlangen; sonst nur, was verlangt wird</translation>
    </message>
    <message>
      <source>Download or copy it again.</source>
      <translation>Erneut herunterladen oder kopieren.</translation>
    </message>
    <message>
      <source>Downloading</source>
      <translation>Wird geladen</translation>
    </message>
    <message>
      <source>Drag a line: its profile is at the right (I)</source>
      <translation>Eine Linie ziehen: ihr Profil steht rechts (I)</translation>
    </message>
    <message>
      <source>Drag along the timeline, or press the arrow keys, to see every call.</source>
      <translation>Die Zeitleiste entlangziehen oder Pfeiltasten drücken, um jeden Aufruf zu sehen.</translation>
    </message>
    <message>
      <source>Drag the line: pixels above it count as uncertain</source>
      <translation>Die Linie ziehen: Pixel darüber gelten als unsicher</translation>
    </message>
    <message>
      <source>Drag to turn, wheel to zoom, double click to reset.  Drawn without OpenGL, with fewer points.</source>
      <translation>Ziehen dreht, Mausrad zoomt, Doppelklick setzt zurück.  Ohne OpenGL, mit weniger Punkten gezeichnet.</translation>
    </message>
    <message>
      <source>Draw in which order the next run scans the patches</source>
      <translation>Zeichnen, in welcher Reihenfolge der nächste Lauf die Patches scannt</translation>
    </message>
    <message>
      <source>Draw path</source>
      <translation>Weg zeichnen</translation>
    </message>
    <message>
      <source>Draw scan path</source>
      <translation>Scan-Weg zeichnen</translation>
    </message>
    <message>
      <source>Drawn by hand</source>
      <translation>Von Hand gezeichnet</translation>
    </message>
    <message>
      <source>Drop an image here to start from it.</source>
      <translation>Hier ein Bild ablegen, um davon auszugehen.</translation>
    </message>
    <message>
      <source>Drop an image to see which class of a model explains it best.</source>
      <translation>Ein Bild ablegen, um zu sehen, welche Klasse eines Modells es am besten erklärt.</translation>
    </message>
    <message>
      <source>Drop an image, for example a PNG, or a trace (.pftrace).</source>
      <translation>Ein Bild, etwa ein PNG, oder eine Aufzeichnung (.pftrace) ablegen.</translation>
    </message>
    <message>
      <source>Drop images here</source>
      <translation>Bilder hier ablegen</translation>
    </message>
    <message>
      <source>Drop images or a folder here</source>
      <translation>Bilder oder einen Ordner hier ablegen</translation>
    </message>
    <message>
      <source>Drop images or a folder here, paste with Ctrl+V, or browse.</source>
      <translation>Bilder oder einen Ordner hier ablegen, mit Strg+V einfügen oder durchsuchen.</translation>
    </message>
    <message>
      <source>Drop images or folders here to make them two or four times as large.

Ctrl+V pastes one. Send to Upscale, on the Generate page, brings what was generated.</source>
      <translation>Bilder oder Ordner hier ablegen, um sie zwei- oder viermal so groß zu machen.

Strg+V fügt eines ein. „An Hochskalieren senden“ auf der Seite „Erzeugen“ bringt Erzeugtes hierher.</translation>
    </message>
    <message>
      <source>Drop images to see whether the model knows where it errs.</source>
      <translation>Bilder ablegen, um zu sehen, ob das Modell weiß, wo es irrt.</translation>
    </message>
    <message>
      <source>Drop one to four images here to see what a model holds of them.</source>
      <translation>Ein bis vier Bilder hier ablegen, um zu sehen, was ein Modell von ihnen enthält.</translation>
    </message>
    <message>
      <source>Dropping the file on this window brings its recipe back; galleries show it too</source>
      <translation>Wird die Datei auf diesem Fenster abgelegt, ist ihr Rezept wieder da; auch Galerien zeigen es</translation>
    </message>
    <message>
      <source>Dual-loop</source>
      <translation>Dual-Loop</translation>
    </message>
    <message>
      <source>EXR, 32-bit float</source>
      <translation>EXR, 32-Bit-Gleitkomma</translation>
    </message>
    <message>
      <source>Each image of a batch must keep the same number of patches.</source>
      <translation>Jedes Bild einer Serie muss gleich viele Patches behalten.</translation>
    </message>
    <message>
      <source>Each point is a column: its cost, and the root mean square difference of its final images to the reference's, in grey levels. The dashed line joins the columns that none beats in one without losing in the other. Far from the reference is different, not worse: how good an image is cannot be told from one image.</source>
      <translation>Jeder Punkt ist eine Spalte: ihre Kosten und der quadratische Mittelwert des Unterschieds ihrer fertigen Bilder zu denen der Referenz, in Graustufen. Die gestrichelte Linie verbindet die Spalten, die keine andere in einem übertrifft, ohne im anderen zu verlieren. Weit von der Referenz heißt anders, nicht schlechter: Wie gut ein Bild ist, lässt sich aus einem Bild nicht sagen.</translation>
    </message>
    <message>
      <source>Each point is a tenth of the patches. Dashed: perfectly calibrated.</source>
      <translation>Jeder Punkt ist ein Zehntel der Patches. Gestrichelt: perfekt kalibriert.</translation>
    </message>
    <message>
      <source>Earlier prompts</source>
      <translation>Frühere Prompts</translation>
    </message>
    <message>
      <source>Easy share</source>
      <translation>Anteil leichter</translation>
    </message>
    <message>
      <source>Edit</source>
      <translation>Bearbeiten</translation>
    </message>
    <message>
      <source>Elapsed · left</source>
      <translation>Vergangen · Rest</translation>
    </message>
    <message>
      <source>Encoders with a bottleneck</source>
      <translation>Encoder mit Engpass</translation>
    </message>
    <message>
      <source>English</source>
      <translation>English</translation>
    </message>
    <message>
      <source>Enlarge</source>
      <translation>Vergrößern</translation>
    </message>
    <message>
      <source>Ensemble size</source>
      <translation>Ensemblegröße</translation>
    </message>
    <message>
      <source>Equal NFE</source>
      <translation>Gleiche NFE</translation>
    </message>
    <message>
      <source>Equal colours mean equal features, in all images and at all times.</source>
      <translation>Gleiche Farben heißen gleiche Merkmale, in allen Bildern und zu allen Zeiten.</translation>
    </message>
    <message>
      <source>Equal seconds</source>
      <translation>Gleiche Sekunden</translation>
    </message>
    <message>
      <source>Erase</source>
      <translation>Radieren</translation>
    </message>
    <message>
      <source>Erase paint</source>
      <translation>Markierungen radieren</translation>
    </message>
    <message>
      <source>Error</source>
      <translation>Fehler</translation>
    </message>
    <message>
      <source>Error against network calls</source>
      <translation>Fehler gegen Netzaufrufe</translation>
    </message>
    <message>
      <source>Errors where the model expects them count less; needs a difficulty head</source>
      <translation>Fehler zählen dort weniger, wo das Modell sie erwartet; braucht einen Kopf für Schwierigkeit</translation>
    </message>
    <message>
      <source>Estimate all</source>
      <translation>Alle schätzen</translation>
    </message>
    <message>
      <source>Estimate depth of all</source>
      <translation>Tiefe von allen schätzen</translation>
    </message>
    <message>
      <source>Estimate this image again</source>
      <translation>Dieses Bild neu schätzen</translation>
    </message>
    <message>
      <source>Estimates depth</source>
      <translation>Schätzt Tiefe</translation>
    </message>
    <message>
      <source>Estimates that are averaged; their spread is the confidence</source>
      <translation>Schätzungen, die gemittelt werden; ihre Streuung ist die Konfidenz</translation>
    </message>
    <message>
      <source>Estimating depth…</source>
      <translation>Tiefe wird geschätzt …</translation>
    </message>
    <message>
      <source>Euler</source>
      <translation>Euler</translation>
    </message>
    <message>
      <source>Evaluations per patch</source>
      <translation>Auswertungen je Patch</translation>
    </message>
    <message>
      <source>Every call will be a column here, and every patch a row.</source>
      <translation>Jeder Aufruf wird hier eine Spalte, jeder Patch eine Zeile.</translation>
    </message>
    <message>
      <source>Every sampler gets this many network evaluations; its steps follow from that</source>
      <translation>Jeder Sampler bekommt so viele Netzauswertungen; daraus folgen seine Schritte</translation>
    </message>
    <message>
      <source>Everything of the run in one safetensors file: open, branch or analyse it later.</source>
      <translation>Alles zum Lauf in einer safetensors-Datei: später öffnen, verzweigen oder auswerten.</translation>
    </message>
    <message>
      <source>Everything possible</source>
      <translation>Alles Mögliche</translation>
    </message>
    <message>
      <source>Evidence of each patch</source>
      <translation>Hinweise jedes Patches</translation>
    </message>
    <message>
      <source>Expected on this machine</source>
      <translation>Erwartet auf diesem Rechner</translation>
    </message>
    <message>
      <source>Expected time on this machine, known after a run; upscaling comes on top</source>
      <translation>Erwartete Zeit auf diesem Rechner, nach einem Lauf bekannt; Hochskalieren kommt hinzu</translation>
    </message>
    <message>
      <source>Export</source>
      <translation>Exportieren</translation>
    </message>
    <message>
      <source>Export a video or the trace, or run it to its end.</source>
      <translation>Ein Video oder die Aufzeichnung exportieren oder den Lauf zu Ende führen.</translation>
    </message>
    <message>
      <source>Export image, video, trace…</source>
      <translation>Exportieren …</translation>
    </message>
    <message>
      <source>Exported {name}.</source>
      <translation>{name} exportiert.</translation>
    </message>
    <message>
      <source>Export…</source>
      <translation>Exportieren …</translation>
    </message>
    <message>
      <source>Factor</source>
      <translation>Faktor</translation>
    </message>
    <message>
      <source>Failed</source>
      <translation>Fehlgeschlagen</translation>
    </message>
    <message>
      <source>Features</source>
      <translation>Merkmale</translation>
    </message>
    <message>
      <source>Fetch one: pfstudio models list shows what can be had.</source>
      <translation>Eines holen: „pfstudio models list“ zeigt, was es gibt.</translation>
    </message>
    <message>
      <source>Fewer images</source>
      <translation>Weniger Bilder</translation>
    </message>
    <message>
      <source>Figure sheet</source>
      <translation>Abbildung</translation>
    </message>
    <message>
      <source>File</source>
      <translation>Datei</translation>
    </message>
    <message>
      <source>File format</source>
      <translation>Dateiformat</translation>
    </message>
    <message>
      <source>Files, folders, or Ctrl+V</source>
      <translation>Dateien, Ordner oder Strg+V</translation>
    </message>
    <message>
      <source>Film strip of predictions</source>
      <translation>Filmstreifen der Vorhersagen</translation>
    </message>
    <message>
      <source>First (Home)</source>
      <translation>Anfang (Pos1)</translation>
    </message>
    <message>
      <source>First call</source>
      <translation>Erster Aufruf</translation>
    </message>
    <message>
      <source>Fit image</source>
      <translation>Bild einpassen</translation>
    </message>
    <message>
      <source>Fixed</source>
      <translation>Fest</translation>
    </message>
    <message>
      <source>Fixed budget</source>
      <translation>Festes Budget</translation>
    </message>
    <message>
      <source>Flat patches finish in the first step</source>
      <translation>Flache Patches sind nach dem ersten Schritt fertig</translation>
    </message>
    <message>
      <source>Flip augmentation</source>
      <translation>Spiegelung</translation>
    </message>
    <message>
      <source>Folder</source>
      <translation>Ordner</translation>
    </message>
    <message>
      <source>Folders</source>
      <translation>Ordner</translation>
    </message>
    <message>
      <source>For non-commercial use only: {licence}.</source>
      <translation>Nur für nichtkommerziellen Gebrauch: {licence}.</translation>
    </message>
    <message>
      <source>For one image, auto chooses {how}.</source>
      <translation>Für ein Bild wählt Auto {how}.</translation>
    </message>
    <message>
      <source>Formats</source>
      <translation>Formate</translation>
    </message>
    <message>
      <source>Forward 10 %</source>
      <translation>10 % vor</translation>
    </message>
    <message>
      <source>Four linked views</source>
      <translation>Vier verknüpfte Ansichten</translation>
    </message>
    <message>
      <source>Four views</source>
      <translation>Vier Ansichten</translation>
    </message>
    <message>
      <source>Frames per second</source>
      <translation>Bilder pro Sekunde</translation>
    </message>
    <message>
      <source>Free memory</source>
      <translation>Speicher freigeben</translation>
    </message>
    <message>
      <source>Free some space and run it again.</source>
      <translation>Platz schaffen und erneut starten.</translation>
    </message>
    <message>
      <source>Free some space and try again.</source>
      <translation>Platz schaffen und erneut versuchen.</translation>
    </message>
    <message>
      <source>Freeze</source>
      <translation>Einfrieren</translation>
    </message>
    <message>
      <source>Freeze the patches that stay.</source>
      <translation>Die Patches einfrieren, die bleiben sollen.</translation>
    </message>
    <message>
      <source>Fresh</source>
      <translation>Neu</translation>
    </message>
    <message>
      <source>From</source>
      <translation>Quelle</translation>
    </message>
    <message>
      <source>From block</source>
      <translation>Von Block</translation>
    </message>
    <message>
      <source>From noise to the image</source>
      <translation>Vom Rauschen zum Bild</translation>
    </message>
    <message>
      <source>From the image to its depth</source>
      <translation>Vom Bild zu seiner Tiefe</translation>
    </message>
    <message>
      <source>From the image to noise</source>
      <translation>Vom Bild zum Rauschen</translation>
    </message>
    <message>
      <source>From time</source>
      <translation>Ab Zeit</translation>
    </message>
    <message>
      <source>Frozen patches and a start time above 0 need an image to start from.</source>
      <translation>Eingefrorene Patches und eine Startzeit über 0 brauchen ein Startbild.</translation>
    </message>
    <message>
      <source>Frozen patches keep their part of it; a start time above 0 keeps some of it all.</source>
      <translation>Eingefrorene Patches behalten ihren Teil davon; eine Startzeit über 0 behält überall etwas davon.</translation>
    </message>
    <message>
      <source>Frozen patches need an image to keep.</source>
      <translation>Eingefrorene Patches brauchen ein Bild, das sie behalten.</translation>
    </message>
    <message>
      <source>Full resolution</source>
      <translation>Volle Auflösung</translation>
    </message>
    <message>
      <source>Full screen</source>
      <translation>Vollbild</translation>
    </message>
    <message>
      <source>Generate</source>
      <translation>Erzeugen</translation>
    </message>
    <message>
      <source>Generate an image first.</source>
      <translation>Zuerst ein Bild erzeugen.</translation>
    </message>
    <message>
      <source>Generate it with states recorded.</source>
      <translation>Mit aufgezeichneten Zuständen erzeugen.</translation>
    </message>
    <message>
      <source>Generate next</source>
      <translation>Als Nächstes erzeugen</translation>
    </message>
    <message>
      <source>Generated</source>
      <translation>Erzeugt</translation>
    </message>
    <message>
      <source>Generates images</source>
      <translation>Erzeugt Bilder</translation>
    </message>
    <message>
      <source>Generating</source>
      <translation>Erzeugen</translation>
    </message>
    <message>
      <source>Give (I, H, W, 3) of uint8.</source>
      <translation>(I, H, W, 3) in uint8 angeben.</translation>
    </message>
    <message>
      <source>Give a .safetensors file with one.</source>
      <translation>Eine .safetensors-Datei mit einem solchen angeben.</translation>
    </message>
    <message>
      <source>Give a class by its number.</source>
      <translation>Eine Klasse mit ihrer Nummer angeben.</translation>
    </message>
    <message>
      <source>Give a class.</source>
      <translation>Eine Klasse angeben.</translation>
    </message>
    <message>
      <source>Give a folder in the layout of the library transformers.</source>
      <translation>Einen Ordner im Aufbau der Bibliothek transformers angeben.</translation>
    </message>
    <message>
      <source>Give a path over all patches, or the name of a scan.</source>
      <translation>Einen Weg über alle Patches angeben oder den Namen eines Scans.</translation>
    </message>
    <message>
      <source>Give a prompt.</source>
      <translation>Einen Prompt angeben.</translation>
    </message>
    <message>
      <source>Give a shorter one.</source>
      <translation>Einen kürzeren angeben.</translation>
    </message>
    <message>
      <source>Give an image file.</source>
      <translation>Eine Bilddatei angeben.</translation>
    </message>
    <message>
      <source>Give as many blocks as widths; the deepest level must divide a patch.</source>
      <translation>So viele Blöcke wie Breiten angeben; die tiefste Ebene muss einen Patch teilen.</translation>
    </message>
    <message>
      <source>Give at least one class or prompt.</source>
      <translation>Mindestens eine Klasse oder einen Prompt angeben.</translation>
    </message>
    <message>
      <source>Give image files, or a trace.</source>
      <translation>Bilddateien oder eine Aufzeichnung angeben.</translation>
    </message>
    <message>
      <source>Give it alone.</source>
      <translation>Allein angeben.</translation>
    </message>
    <message>
      <source>Give its path in the model's card.</source>
      <translation>Seinen Pfad in der Karte des Modells angeben.</translation>
    </message>
    <message>
      <source>Give no class and no prompt.</source>
      <translation>Weder Klasse noch Prompt angeben.</translation>
    </message>
    <message>
      <source>Give none.</source>
      <translation>Nichts angeben.</translation>
    </message>
    <message>
      <source>Give one class per noise and the model's number of channels.</source>
      <translation>Je Rauschen eine Klasse angeben und die Kanalzahl des Modells.</translation>
    </message>
    <message>
      <source>Give one noise per member, at the size of the latents.</source>
      <translation>Je Mitglied ein Rauschen in der Größe der Latents angeben.</translation>
    </message>
    <message>
      <source>Give one number more than there are steps.</source>
      <translation>Eine Zahl mehr angeben, als es Schritte gibt.</translation>
    </message>
    <message>
      <source>Give one of them.</source>
      <translation>Eines davon angeben.</translation>
    </message>
    <message>
      <source>Give only one of them.</source>
      <translation>Nur eines davon angeben.</translation>
    </message>
    <message>
      <source>Give positive, finite values.</source>
      <translation>Positive, endliche Werte angeben.</translation>
    </message>
    <message>
      <source>Give the folder that holds its config.json, tokenizer and weights.</source>
      <translation>Den Ordner mit config.json, Tokenizer und Gewichten angeben.</translation>
    </message>
    <message>
      <source>Give the folder that holds its config.json.</source>
      <translation>Den Ordner mit der Datei config.json angeben.</translation>
    </message>
    <message>
      <source>Give the number of a class, or a text.</source>
      <translation>Die Nummer einer Klasse angeben oder einen Text.</translation>
    </message>
    <message>
      <source>Give the numbers of the patches from 1, such as 1-4,8-5,9-12.</source>
      <translation>Die Nummern der Patches ab 1 angeben, etwa 1-4,8-5,9-12.</translation>
    </message>
    <message>
      <source>Give two or more.</source>
      <translation>Zwei oder mehr angeben.</translation>
    </message>
    <message>
      <source>Give up to a megabyte of plain text.</source>
      <translation>Bis zu ein Megabyte reinen Text angeben.</translation>
    </message>
    <message>
      <source>Given noise cannot be used for an image that is processed in tiles.</source>
      <translation>Vorgegebenes Rauschen geht nicht bei einem Bild, das in Kacheln verarbeitet wird.</translation>
    </message>
    <message>
      <source>Go on from the state before this call with other settings</source>
      <translation>Vom Zustand vor diesem Aufruf mit anderen Einstellungen weitermachen</translation>
    </message>
    <message>
      <source>Grouping</source>
      <translation>Gruppierung</translation>
    </message>
    <message>
      <source>Groups</source>
      <translation>Gruppen</translation>
    </message>
    <message>
      <source>Guidance</source>
      <translation>Guidance</translation>
    </message>
    <message>
      <source>Guidance by a weaker prediction</source>
      <translation>Guidance durch eine schwächere Vorhersage</translation>
    </message>
    <message>
      <source>Half cosine</source>
      <translation>Halber Kosinus</translation>
    </message>
    <message>
      <source>Height</source>
      <translation>Höhe</translation>
    </message>
    <message>
      <source>Height of a view</source>
      <translation>Höhe einer Ansicht</translation>
    </message>
    <message>
      <source>Help</source>
      <translation>Hilfe</translation>
    </message>
    <message>
      <source>Heun</source>
      <translation>Heun</translation>
    </message>
    <message>
      <source>Hide these hints</source>
      <translation>Diese Hinweise ausblenden</translation>
    </message>
    <message>
      <source>Hide uncertain pixels</source>
      <translation>Unsichere Pixel ausblenden</translation>
    </message>
    <message>
      <source>Hilbert curve</source>
      <translation>Hilbert-Kurve</translation>
    </message>
    <message>
      <source>Hilbert, as published</source>
      <translation>Hilbert, wie veröffentlicht</translation>
    </message>
    <message>
      <source>How closely the result, shrunk again, must match the image</source>
      <translation>Wie genau das Ergebnis, wieder verkleinert, dem Bild entsprechen muss</translation>
    </message>
    <message>
      <source>How far a step may miss; a third as much costs 1.7 times the calls (0: spend them all)</source>
      <translation>Wie weit ein Schritt danebenliegen darf; ein Drittel davon kostet das 1,7-Fache an Aufrufen (0: alle ausgeben)</translation>
    </message>
    <message>
      <source>How far ahead the easy patches are shown: ratio times the time</source>
      <translation>Wie weit voraus die leichten Patches gezeigt werden: Verhältnis mal Zeit</translation>
    </message>
    <message>
      <source>How far each patch is, from noise to image.</source>
      <translation>Wie weit jeder Patch ist, vom Rauschen zum Bild.</translation>
    </message>
    <message>
      <source>How far the result is from plain enlarging</source>
      <translation>Wie weit das Ergebnis von einfacher Vergrößerung abweicht</translation>
    </message>
    <message>
      <source>How far to go from the weak prediction through the strong one: 1 is the plain model</source>
      <translation>Wie weit von der schwachen Vorhersage durch die starke hindurch: 1 ist das reine Modell</translation>
    </message>
    <message>
      <source>How far what the scan gives is let through at each patch.</source>
      <translation>Wie weit an jedem Patch durchgelassen wird, was der Scan liefert.</translation>
    </message>
    <message>
      <source>How many groups of patches</source>
      <translation>Wie viele Gruppen von Patches</translation>
    </message>
    <message>
      <source>How many transformer blocks in a row are disturbed</source>
      <translation>Wie viele Transformer-Blöcke hintereinander gestört werden</translation>
    </message>
    <message>
      <source>How much guidance by a weak prediction pushes each patch.</source>
      <translation>Wie stark die Guidance durch eine schwache Vorhersage jeden Patch schiebt.</translation>
    </message>
    <message>
      <source>How much noise is added (0: none, as Euler)</source>
      <translation>Wie viel Rauschen hinzukommt (0: keines, wie Euler)</translation>
    </message>
    <message>
      <source>How much of each patch the scan writes into its memory.</source>
      <translation>Wie viel von jedem Patch der Scan in sein Gedächtnis schreibt.</translation>
    </message>
    <message>
      <source>How much of every patch before it still reaches the chosen one.</source>
      <translation>Wie viel von jedem früheren Patch den gewählten noch erreicht.</translation>
    </message>
    <message>
      <source>How much of the start image is kept: 0 nothing, near 1 almost everything</source>
      <translation>Wie viel vom Startbild bleibt: 0 nichts, nahe 1 fast alles</translation>
    </message>
    <message>
      <source>How much stays of the part along the prediction; 1 is CFG</source>
      <translation>Wie viel vom Teil entlang der Vorhersage bleibt; 1 ist CFG</translation>
    </message>
    <message>
      <source>How much the scan keeps at each patch of what came before.</source>
      <translation>Wie viel der Scan an jedem Patch von dem behält, was vorher kam.</translation>
    </message>
    <message>
      <source>How strongly the class or prompt pulls: 1 is the plain model, 0 ignores it</source>
      <translation>Wie stark Klasse oder Prompt ziehen: 1 ist das reine Modell, 0 lässt sie außer Acht</translation>
    </message>
    <message>
      <source>How the flow is followed from step to step</source>
      <translation>Wie dem Fluss von Schritt zu Schritt gefolgt wird</translation>
    </message>
    <message>
      <source>How the pixels' variance becomes one difficulty per patch</source>
      <translation>Wie aus der Varianz der Pixel eine Schwierigkeit je Patch wird</translation>
    </message>
    <message>
      <source>How the published code scales attention: with xformers, or without</source>
      <translation>Wie der veröffentlichte Code die Attention skaliert: mit oder ohne xformers</translation>
    </message>
    <message>
      <source>ICG</source>
      <translation>ICG</translation>
    </message>
    <message>
      <source>Image</source>
      <translation>Bild</translation>
    </message>
    <message>
      <source>Image and depth side by side</source>
      <translation>Bild und Tiefe nebeneinander</translation>
    </message>
    <message>
      <source>Image of the batch</source>
      <translation>Bild der Serie</translation>
    </message>
    <message>
      <source>Image to noise, as TREAD trains: its times and its velocity are turned round.</source>
      <translation>Bild zu Rauschen, wie TREAD trainiert: Zeiten und Geschwindigkeit werden umgekehrt.</translation>
    </message>
    <message>
      <source>Image {image}, row {row}, column {column}</source>
      <translation>Bild {image}, Zeile {row}, Spalte {column}</translation>
    </message>
    <message>
      <source>Images</source>
      <translation>Bilder</translation>
    </message>
    <message>
      <source>Images ({patterns})</source>
      <translation>Bilder ({patterns})</translation>
    </message>
    <message>
      <source>Images ({patterns});;All files (*)</source>
      <translation>Bilder ({patterns});;Alle Dateien (*)</translation>
    </message>
    <message>
      <source>Images and traces ({patterns})</source>
      <translation>Bilder und Aufzeichnungen ({patterns})</translation>
    </message>
    <message>
      <source>Images and what the model holds of them</source>
      <translation>Bilder und was das Modell von ihnen enthält</translation>
    </message>
    <message>
      <source>Images that had made fewer calls start at their last one.</source>
      <translation>Bilder, die weniger Aufrufe gemacht hatten, beginnen bei ihrem letzten.</translation>
    </message>
    <message>
      <source>Images to look at</source>
      <translation>Bilder zum Betrachten</translation>
    </message>
    <message>
      <source>Images to upscale</source>
      <translation>Bilder zum Hochskalieren</translation>
    </message>
    <message>
      <source>Import a model</source>
      <translation>Modell importieren</translation>
    </message>
    <message>
      <source>Import the model again.</source>
      <translation>Das Modell erneut importieren.</translation>
    </message>
    <message>
      <source>Importing {name}…</source>
      <translation>{name} wird importiert …</translation>
    </message>
    <message>
      <source>Import…</source>
      <translation>Importieren …</translation>
    </message>
    <message>
      <source>In each pass of 2 ×</source>
      <translation>In jedem Durchgang von 2 ×</translation>
    </message>
    <message>
      <source>In memory</source>
      <translation>Im Speicher</translation>
    </message>
    <message>
      <source>In the second half of the run the strong prediction skips more patches than the weak one, which helps only with a weaker model.</source>
      <translation>In der zweiten Hälfte des Laufs überspringt die starke Vorhersage mehr Patches als die schwache; das hilft nur bei einem schwächeren Modell.</translation>
    </message>
    <message>
      <source>In which order the model reads the patches; no training needed</source>
      <translation>In welcher Reihenfolge das Modell die Patches liest; ohne neues Training</translation>
    </message>
    <message>
      <source>In {folder}.</source>
      <translation>In {folder}.</translation>
    </message>
    <message>
      <source>Included</source>
      <translation>Mitgeliefert</translation>
    </message>
    <message>
      <source>Inner steps</source>
      <translation>Innere Schritte</translation>
    </message>
    <message>
      <source>Inspect</source>
      <translation>Untersuchen</translation>
    </message>
    <message>
      <source>Inspector panel</source>
      <translation>Inspektor</translation>
    </message>
    <message>
      <source>Install a model from a file</source>
      <translation>Ein Modell aus einer Datei installieren</translation>
    </message>
    <message>
      <source>Installed</source>
      <translation>Installiert</translation>
    </message>
    <message>
      <source>Installed {name}: recognised as {network}, {count:,} parameters ({layout} layout).</source>
      <translation>{name} ist installiert: erkannt als {network}, {count:,} Parameter (Aufbau: {layout}).</translation>
    </message>
    <message>
      <source>Interval</source>
      <translation>Intervall</translation>
    </message>
    <message>
      <source>Is the disk full? Otherwise choose GIF or animated PNG.</source>
      <translation>Ist der Datenträger voll? Sonst GIF oder animiertes PNG wählen.</translation>
    </message>
    <message>
      <source>It is given nothing.</source>
      <translation>Es bekommt nichts.</translation>
    </message>
    <message>
      <source>It is in {folder}.</source>
      <translation>Zu finden in {folder}.</translation>
    </message>
    <message>
      <source>It is not known yet how this machine computes, so exactly as then is not possible.</source>
      <translation>Noch ist nicht bekannt, wie dieser Rechner rechnet; genau wie damals geht daher nicht.</translation>
    </message>
    <message>
      <source>It lies between 0 and 999.</source>
      <translation>Er liegt zwischen 0 und 999.</translation>
    </message>
    <message>
      <source>It may have been saved without metadata.</source>
      <translation>Vielleicht wurde es ohne Metadaten gespeichert.</translation>
    </message>
    <message>
      <source>It stays on this machine.</source>
      <translation>Es bleibt auf diesem Rechner.</translation>
    </message>
    <message>
      <source>It was computed with others, {batch} at once: alone, its bits may differ. Drop the {name} of its result to make all of them exactly as then.</source>
      <translation>Es wurde mit anderen berechnet, {batch} auf einmal: allein können seine Bits abweichen. Die Datei {name} seines Ergebnisses ablegen, um alle genau wie damals zu erzeugen.</translation>
    </message>
    <message>
      <source>Its calls up to then are saved.</source>
      <translation>Die Aufrufe bis dahin sind gespeichert.</translation>
    </message>
    <message>
      <source>Its kind, as cards name it</source>
      <translation>Seine Art, wie Karten sie nennen</translation>
    </message>
    <message>
      <source>Its other files are saved.</source>
      <translation>Seine anderen Dateien sind gespeichert.</translation>
    </message>
    <message>
      <source>Its prompt needs a model that takes text.</source>
      <translation>Sein Prompt braucht ein Modell, das Text nimmt.</translation>
    </message>
    <message>
      <source>Its training failed or the file was altered. Use another checkpoint.</source>
      <translation>Das Training ist gescheitert oder die Datei wurde verändert. Einen anderen Checkpoint verwenden.</translation>
    </message>
    <message>
      <source>K-means</source>
      <translation>K-Means</translation>
    </message>
    <message>
      <source>Keep the one shown</source>
      <translation>Das gezeigte behalten</translation>
    </message>
    <message>
      <source>Keyboard</source>
      <translation>Tastatur</translation>
    </message>
    <message>
      <source>Keyboard shortcuts</source>
      <translation>Tastenkürzel</translation>
    </message>
    <message>
      <source>Keyboard shortcuts…</source>
      <translation>Tastenkürzel …</translation>
    </message>
    <message>
      <source>Kind</source>
      <translation>Art</translation>
    </message>
    <message>
      <source>Knowledge handed to another network</source>
      <translation>Wissen für ein anderes Netz</translation>
    </message>
    <message>
      <source>Lab</source>
      <translation>Labor</translation>
    </message>
    <message>
      <source>Label</source>
      <translation>Label</translation>
    </message>
    <message>
      <source>Language</source>
      <translation>Sprache</translation>
    </message>
    <message>
      <source>Large images are processed in tiles</source>
      <translation>Große Bilder werden in Kacheln verarbeitet</translation>
    </message>
    <message>
      <source>Larger images by a flow between latents</source>
      <translation>Größere Bilder durch einen Fluss zwischen Latents</translation>
    </message>
    <message>
      <source>Last (End)</source>
      <translation>Ende (Ende)</translation>
    </message>
    <message>
      <source>Last 24 hours</source>
      <translation>Letzte 24 Stunden</translation>
    </message>
    <message>
      <source>Last 30 days</source>
      <translation>Letzte 30 Tage</translation>
    </message>
    <message>
      <source>Last 4 % of the time: to where the model points, or as before</source>
      <translation>Letzte 4 % der Zeit: dorthin, wohin das Modell zeigt, oder wie zuvor</translation>
    </message>
    <message>
      <source>Last 7 days</source>
      <translation>Letzte 7 Tage</translation>
    </message>
    <message>
      <source>Last call</source>
      <translation>Letzter Aufruf</translation>
    </message>
    <message>
      <source>Last step</source>
      <translation>Letzter Schritt</translation>
    </message>
    <message>
      <source>Latents</source>
      <translation>Latents</translation>
    </message>
    <message>
      <source>Layer of the attention</source>
      <translation>Schicht der Attention</translation>
    </message>
    <message>
      <source>Layer of the scan</source>
      <translation>Schicht des Scans</translation>
    </message>
    <message>
      <source>Layer {layer}, time {time:g}</source>
      <translation>Schicht {layer}, Zeit {time:g}</translation>
    </message>
    <message>
      <source>Layers and times</source>
      <translation>Schichten und Zeiten</translation>
    </message>
    <message>
      <source>Layers count from 1.</source>
      <translation>Schichten zählen ab 1.</translation>
    </message>
    <message>
      <source>Learn</source>
      <translation>Lernen</translation>
    </message>
    <message>
      <source>Least certain 5 %</source>
      <translation>Unsicherste 5 %</translation>
    </message>
    <message>
      <source>Leave noise and ensemble size as they are.</source>
      <translation>Rauschen und Ensemblegröße lassen, wie sie sind.</translation>
    </message>
    <message>
      <source>Leave the prediction and the noisy state out of the figure.</source>
      <translation>Vorhersage und verrauschten Zustand in der Abbildung weglassen.</translation>
    </message>
    <message>
      <source>Leave the scan out, or choose a zigzag Mamba model.</source>
      <translation>Den Scan weglassen oder ein Zickzack-Mamba-Modell wählen.</translation>
    </message>
    <message>
      <source>Leave the start time at 0, or start from an image.</source>
      <translation>Die Startzeit bei 0 lassen oder von einem Bild ausgehen.</translation>
    </message>
    <message>
      <source>Leave their number out.</source>
      <translation>Ihre Zahl weglassen.</translation>
    </message>
    <message>
      <source>Left, Right; Shift for 10 %</source>
      <translation>Links, Rechts; Umschalt für 10 %</translation>
    </message>
    <message>
      <source>Let the first block come before the last.</source>
      <translation>Der erste Block muss vor dem letzten kommen.</translation>
    </message>
    <message>
      <source>Library</source>
      <translation>Bibliothek</translation>
    </message>
    <message>
      <source>Library, newest first</source>
      <translation>Bibliothek, neueste zuerst</translation>
    </message>
    <message>
      <source>Licence</source>
      <translation>Lizenz</translation>
    </message>
    <message>
      <source>Light</source>
      <translation>Hell</translation>
    </message>
    <message>
      <source>Limits</source>
      <translation>Grenzen</translation>
    </message>
    <message>
      <source>List routes that do not overlap, in order.</source>
      <translation>Routen ohne Überschneidung der Reihe nach angeben.</translation>
    </message>
    <message>
      <source>Loading</source>
      <translation>Laden</translation>
    </message>
    <message>
      <source>Loading…</source>
      <translation>Wird geladen …</translation>
    </message>
    <message>
      <source>Lock at {low} to {high}</source>
      <translation>Auf {low} bis {high} festlegen</translation>
    </message>
    <message>
      <source>Lock seed</source>
      <translation>Seed festhalten</translation>
    </message>
    <message>
      <source>Lock seed: the next run uses it again</source>
      <translation>Seed festhalten: der nächste Lauf nimmt ihn wieder</translation>
    </message>
    <message>
      <source>Locked at {low} to {high}</source>
      <translation>Festgelegt auf {low} bis {high}</translation>
    </message>
    <message>
      <source>Log</source>
      <translation>Protokoll</translation>
    </message>
    <message>
      <source>Log-depth</source>
      <translation>Log-Tiefe</translation>
    </message>
    <message>
      <source>Logscaled</source>
      <translation>Logskaliert</translation>
    </message>
    <message>
      <source>Longest</source>
      <translation>Höchstlänge</translation>
    </message>
    <message>
      <source>Longest side that is processed, in pixels</source>
      <translation>Längste Seite, die verarbeitet wird, in Pixeln</translation>
    </message>
    <message>
      <source>Longest side that the network is given at once, in pixels</source>
      <translation>Längste Seite, die das Netz auf einmal bekommt, in Pixeln</translation>
    </message>
    <message>
      <source>Look into the trash.</source>
      <translation>In den Papierkorb schauen.</translation>
    </message>
    <message>
      <source>Look-ahead</source>
      <translation>Look-Ahead</translation>
    </message>
    <message>
      <source>Loop</source>
      <translation>Schleife</translation>
    </message>
    <message>
      <source>Lower the processing resolution, or choose a larger tile.</source>
      <translation>Die Verarbeitungsauflösung senken oder eine größere Kachel wählen.</translation>
    </message>
    <message>
      <source>MPS</source>
      <translation>MPS</translation>
    </message>
    <message>
      <source>Made</source>
      <translation>Erstellt</translation>
    </message>
    <message>
      <source>Magma</source>
      <translation>Magma</translation>
    </message>
    <message>
      <source>Make fewer or smaller images at once, or close other programs.</source>
      <translation>Weniger oder kleinere Bilder auf einmal erzeugen oder andere Programme schließen.</translation>
    </message>
    <message>
      <source>Make it smaller with another program first.</source>
      <translation>Zuerst mit einem anderen Programm verkleinern.</translation>
    </message>
    <message>
      <source>Make it smaller.</source>
      <translation>Verkleinern.</translation>
    </message>
    <message>
      <source>Make the start smaller than the end.</source>
      <translation>Den Anfang kleiner als das Ende wählen.</translation>
    </message>
    <message>
      <source>Makes videos, from Python only</source>
      <translation>Erzeugt Videos, nur aus Python</translation>
    </message>
    <message>
      <source>Map</source>
      <translation>Karte</translation>
    </message>
    <message>
      <source>Map of every column</source>
      <translation>Karte jeder Spalte</translation>
    </message>
    <message>
      <source>Map of the patches</source>
      <translation>Karte der Patches</translation>
    </message>
    <message>
      <source>Map of the {spread}</source>
      <translation>Karte: {spread}</translation>
    </message>
    <message>
      <source>Maps</source>
      <translation>Karten</translation>
    </message>
    <message>
      <source>Maps of every layer and time, and matches between images</source>
      <translation>Karten jeder Schicht und Zeit, und Treffer zwischen Bildern</translation>
    </message>
    <message>
      <source>Mark</source>
      <translation>Markieren</translation>
    </message>
    <message>
      <source>Mask</source>
      <translation>Maske</translation>
    </message>
    <message>
      <source>Masks</source>
      <translation>Masken</translation>
    </message>
    <message>
      <source>Masks file</source>
      <translation>Maskendatei</translation>
    </message>
    <message>
      <source>Masks of {masks}</source>
      <translation>Masken aus {masks}</translation>
    </message>
    <message>
      <source>Match</source>
      <translation>Finden</translation>
    </message>
    <message>
      <source>Max</source>
      <translation>Max</translation>
    </message>
    <message>
      <source>Max. evaluations</source>
      <translation>Max. Auswertungen</translation>
    </message>
    <message>
      <source>Mean</source>
      <translation>Mittel</translation>
    </message>
    <message>
      <source>Measure on this machine</source>
      <translation>Auf diesem Rechner messen</translation>
    </message>
    <message>
      <source>Measure this machine</source>
      <translation>Diesen Rechner messen</translation>
    </message>
    <message>
      <source>Measured on this machine, for one image</source>
      <translation>Auf diesem Rechner gemessen, für ein Bild</translation>
    </message>
    <message>
      <source>Measuring…</source>
      <translation>Wird gemessen …</translation>
    </message>
    <message>
      <source>Memory</source>
      <translation>Speicher</translation>
    </message>
    <message>
      <source>Memory that the run will need</source>
      <translation>Speicher, den der Lauf braucht</translation>
    </message>
    <message>
      <source>Memory {own:.1f} / {total:.0f} GB</source>
      <translation>Speicher {own:.1f} / {total:.0f} GB</translation>
    </message>
    <message>
      <source>Middle</source>
      <translation>Mitte</translation>
    </message>
    <message>
      <source>Midpoint</source>
      <translation>Mittelpunkt</translation>
    </message>
    <message>
      <source>Midpoint and Heun call the network twice a step</source>
      <translation>Mittelpunkt und Heun rufen das Netz zweimal je Schritt auf</translation>
    </message>
    <message>
      <source>Min</source>
      <translation>Min</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>Modell</translation>
    </message>
    <message>
      <source>Models</source>
      <translation>Modelle</translation>
    </message>
    <message>
      <source>Models ({patterns})</source>
      <translation>Modelle ({patterns})</translation>
    </message>
    <message>
      <source>Models take {used} · {free} free</source>
      <translation>Modelle belegen {used} · {free} frei</translation>
    </message>
    <message>
      <source>More</source>
      <translation>Mehr</translation>
    </message>
    <message>
      <source>More context</source>
      <translation>Mehr Kontext</translation>
    </message>
    <message>
      <source>More images</source>
      <translation>Mehr Bilder</translation>
    </message>
    <message>
      <source>Move down</source>
      <translation>Nach unten</translation>
    </message>
    <message>
      <source>Move the line between before and after</source>
      <translation>Die Linie zwischen vorher und nachher bewegen</translation>
    </message>
    <message>
      <source>Move the patch cursor</source>
      <translation>Den Patch-Cursor bewegen</translation>
    </message>
    <message>
      <source>Move to trash</source>
      <translation>In den Papierkorb</translation>
    </message>
    <message>
      <source>Move up</source>
      <translation>Nach oben</translation>
    </message>
    <message numerus="yes">
      <source>Moved %n items to the trash.</source>
      <translation>
        <numerusform>%n Eintrag in den Papierkorb gelegt.</numerusform>
        <numerusform>%n Einträge in den Papierkorb gelegt.</numerusform>
      </translation>
    </message>
    <message>
      <source>Moved {name} to the trash.</source>
      <translation>{name} in den Papierkorb gelegt.</translation>
    </message>
    <message>
      <source>NFE spent</source>
      <translation>NFE verbraucht</translation>
    </message>
    <message>
      <source>NPY of both ensemble spreads</source>
      <translation>NPY beider Ensemble-Streuungen</translation>
    </message>
    <message>
      <source>NPY, 32-bit float</source>
      <translation>NPY, 32-Bit-Gleitkomma</translation>
    </message>
    <message>
      <source>Name an earlier or smaller model.</source>
      <translation>Ein früheres oder kleineres Modell nennen.</translation>
    </message>
    <message>
      <source>Name of the preset</source>
      <translation>Name der Voreinstellung</translation>
    </message>
    <message>
      <source>Name or number</source>
      <translation>Name oder Nummer</translation>
    </message>
    <message>
      <source>Name the right one in the model's card, or choose another.</source>
      <translation>Den richtigen in der Karte des Modells nennen oder einen anderen wählen.</translation>
    </message>
    <message>
      <source>Negative prompt</source>
      <translation>Negativer Prompt</translation>
    </message>
    <message>
      <source>Nested</source>
      <translation>Verschachtelt</translation>
    </message>
    <message>
      <source>Network</source>
      <translation>Netz</translation>
    </message>
    <message>
      <source>Network calls</source>
      <translation>Netzaufrufe</translation>
    </message>
    <message>
      <source>Network evaluations</source>
      <translation>Netzauswertungen</translation>
    </message>
    <message>
      <source>Network evaluations of each column</source>
      <translation>Netzauswertungen jeder Spalte</translation>
    </message>
    <message>
      <source>Network evaluations that were made</source>
      <translation>Ausgeführte Netzauswertungen</translation>
    </message>
    <message>
      <source>Network evaluations, times the passes of guidance</source>
      <translation>Netzauswertungen, mal die Durchgänge der Guidance</translation>
    </message>
    <message>
      <source>Network passes that guidance makes in an evaluation</source>
      <translation>Netzdurchgänge, die die Guidance je Auswertung macht</translation>
    </message>
    <message>
      <source>New recipe</source>
      <translation>Neues Rezept</translation>
    </message>
    <message>
      <source>Next (Right)</source>
      <translation>Weiter (Rechts)</translation>
    </message>
    <message>
      <source>Next call</source>
      <translation>Nächster Aufruf</translation>
    </message>
    <message>
      <source>Next image</source>
      <translation>Nächstes Bild</translation>
    </message>
    <message>
      <source>Next seed</source>
      <translation>Nächster Seed</translation>
    </message>
    <message>
      <source>Next theme</source>
      <translation>Nächstes Design</translation>
    </message>
    <message>
      <source>No autoencoder is installed that could decode latents.</source>
      <translation>Kein Autoencoder ist installiert, der Latents dekodieren kann.</translation>
    </message>
    <message>
      <source>No autoencoder is installed that could encode an image.</source>
      <translation>Kein Autoencoder ist installiert, der ein Bild kodieren kann.</translation>
    </message>
    <message>
      <source>No earlier prompts</source>
      <translation>Keine früheren Prompts</translation>
    </message>
    <message>
      <source>No format was given.</source>
      <translation>Kein Format wurde angegeben.</translation>
    </message>
    <message>
      <source>No image</source>
      <translation>Kein Bild</translation>
    </message>
    <message>
      <source>No images found there.</source>
      <translation>Dort wurden keine Bilder gefunden.</translation>
    </message>
    <message>
      <source>No model installed</source>
      <translation>Kein Modell installiert</translation>
    </message>
    <message>
      <source>No model is chosen.</source>
      <translation>Kein Modell ist gewählt.</translation>
    </message>
    <message>
      <source>No model is installed.</source>
      <translation>Kein Modell ist installiert.</translation>
    </message>
    <message>
      <source>No patch is picked.</source>
      <translation>Kein Patch ist gewählt.</translation>
    </message>
    <message>
      <source>No prompt was given.</source>
      <translation>Kein Prompt wurde angegeben.</translation>
    </message>
    <message>
      <source>No run is pinned yet. Pin one, then generate another.</source>
      <translation>Noch ist kein Lauf angeheftet. Einen anheften, dann einen weiteren erzeugen.</translation>
    </message>
    <message>
      <source>No run yet</source>
      <translation>Noch kein Lauf</translation>
    </message>
    <message>
      <source>No space left</source>
      <translation>Kein Platz mehr</translation>
    </message>
    <message>
      <source>No upsampler installed</source>
      <translation>Kein Upsampler installiert</translation>
    </message>
    <message>
      <source>No upsampler is installed, and none was chosen.</source>
      <translation>Kein Upsampler ist installiert, und keiner wurde gewählt.</translation>
    </message>
    <message>
      <source>Noise</source>
      <translation>Rauschen</translation>
    </message>
    <message>
      <source>Noise file</source>
      <translation>Rauschdatei</translation>
    </message>
    <message>
      <source>Noise of the first member; the others take the next ones</source>
      <translation>Rauschen des ersten Mitglieds; die anderen nehmen die folgenden</translation>
    </message>
    <message>
      <source>Noise of {noise}</source>
      <translation>Rauschen aus {noise}</translation>
    </message>
    <message>
      <source>Noise strength</source>
      <translation>Rauschstärke</translation>
    </message>
    <message>
      <source>Noise the image, ask for it back as each class in turn, and see which one does it best.</source>
      <translation>Das Bild verrauschen, es als jede der Klassen zurückverlangen und sehen, welche das am besten kann.</translation>
    </message>
    <message>
      <source>Noise to image, as Patch Forcing and SiT train: it is used as it is.</source>
      <translation>Rauschen zu Bild, wie Patch Forcing und SiT trainieren: Die Datei wird benutzt, wie sie ist.</translation>
    </message>
    <message>
      <source>Noises whose features are averaged</source>
      <translation>Rauschen, deren Merkmale gemittelt werden</translation>
    </message>
    <message>
      <source>Noisy state</source>
      <translation>Verrauschter Zustand</translation>
    </message>
    <message>
      <source>Noisy state x</source>
      <translation>Verrauschter Zustand x</translation>
    </message>
    <message>
      <source>None</source>
      <translation>Keine</translation>
    </message>
    <message>
      <source>Norm</source>
      <translation>Norm</translation>
    </message>
    <message>
      <source>Not downloaded</source>
      <translation>Nicht geladen</translation>
    </message>
    <message>
      <source>Not here</source>
      <translation>Nicht hier</translation>
    </message>
    <message>
      <source>Not possible here, so as usual: {settings}.</source>
      <translation>Hier nicht möglich, deshalb wie üblich: {settings}.</translation>
    </message>
    <message>
      <source>Note</source>
      <translation>Notiz</translation>
    </message>
    <message>
      <source>Nothing</source>
      <translation>Nichts</translation>
    </message>
    <message>
      <source>Nothing is downloaded: HF_HUB_OFFLINE is set.</source>
      <translation>Es wird nichts heruntergeladen: HF_HUB_OFFLINE ist gesetzt.</translation>
    </message>
    <message>
      <source>Nothing is downloaded: the program is set to work offline.</source>
      <translation>Es wird nichts heruntergeladen: Das Programm arbeitet offline.</translation>
    </message>
    <message>
      <source>Nothing is ever sent anywhere.</source>
      <translation>Nichts wird je irgendwohin gesendet.</translation>
    </message>
    <message>
      <source>Nothing is known of these images.</source>
      <translation>Von diesen Bildern ist nichts bekannt.</translation>
    </message>
    <message>
      <source>Nothing matches.</source>
      <translation>Nichts gefunden.</translation>
    </message>
    <message>
      <source>Nothing selected</source>
      <translation>Nichts ausgewählt</translation>
    </message>
    <message>
      <source>Nothing was generated yet.</source>
      <translation>Noch wurde nichts erzeugt.</translation>
    </message>
    <message>
      <source>Nothing was said of the images.</source>
      <translation>Zu den Bildern wurde nichts angegeben.</translation>
    </message>
    <message>
      <source>Notify when finished</source>
      <translation>Melden, wenn fertig</translation>
    </message>
    <message>
      <source>Now</source>
      <translation>Jetzt</translation>
    </message>
    <message>
      <source>Number format of the networks; auto picks the fastest that is accurate</source>
      <translation>Zahlenformat der Netze; „Auto“ nimmt das schnellste, das genau genug ist</translation>
    </message>
    <message>
      <source>Numbers in its weights, millions</source>
      <translation>Zahlen in seinen Gewichten, Millionen</translation>
    </message>
    <message>
      <source>Of the window, from the next start</source>
      <translation>Des Fensters, ab dem nächsten Start</translation>
    </message>
    <message>
      <source>Off</source>
      <translation>Aus</translation>
    </message>
    <message>
      <source>On the stage</source>
      <translation>Auf der Bühne</translation>
    </message>
    <message>
      <source>On this machine</source>
      <translation>Auf diesem Rechner</translation>
    </message>
    <message>
      <source>On, Sparse Guidance can be used with it. If you do not know, leave it off: everything else works.</source>
      <translation>Eingeschaltet ist Sparse Guidance damit möglich. Wer es nicht weiß, lässt es aus: Alles andere geht.</translation>
    </message>
    <message>
      <source>One distribution, six ways to write its flow. The same noise goes in everywhere. With enough calls all six clouds end on the data, the first four along one path.</source>
      <translation>Eine Verteilung, sechs Schreibweisen ihres Flusses. Überall geht dasselbe Rauschen hinein. Mit genug Aufrufen enden alle sechs Wolken auf den Daten, die ersten vier auf einem Weg.</translation>
    </message>
    <message>
      <source>One flow, six ways</source>
      <translation>Ein Fluss, sechs Wege</translation>
    </message>
    <message>
      <source>One frame for every network call, the views side by side.</source>
      <translation>Ein Einzelbild je Netzaufruf, die Ansichten nebeneinander.</translation>
    </message>
    <message>
      <source>One line per patch and call (CSV), or arrays for NumPy (NPY, NPZ).</source>
      <translation>Eine Zeile je Patch und Aufruf (CSV) oder Arrays für NumPy (NPY, NPZ).</translation>
    </message>
    <message>
      <source>One network that makes and names</source>
      <translation>Ein Netz, das macht und benennt</translation>
    </message>
    <message>
      <source>One of the classes is given twice.</source>
      <translation>Eine der Klassen ist doppelt angegeben.</translation>
    </message>
    <message>
      <source>One patch of four is noisy, at time {time:g}, and sees more and more of the others clean. Dashed: the measured error.</source>
      <translation>Einer von vier Patches ist verrauscht, zur Zeit {time:g}, und sieht immer mehr der anderen sauber. Gestrichelt: der gemessene Fehler.</translation>
    </message>
    <message>
      <source>One prompt per line. Return generates, Shift+Return starts a new line.</source>
      <translation>Ein Prompt je Zeile. Eingabe erzeugt, Umschalt+Eingabe beginnt eine neue Zeile.</translation>
    </message>
    <message>
      <source>One view</source>
      <translation>Eine Ansicht</translation>
    </message>
    <message>
      <source>One waiting run</source>
      <translation>Ein wartender Lauf</translation>
    </message>
    <message>
      <source>Only the A1111 text is in this image: other settings stay.</source>
      <translation>In diesem Bild steht nur der A1111-Text: andere Einstellungen bleiben.</translation>
    </message>
    <message>
      <source>Only {count} images are looked at at once.</source>
      <translation>Nur {count} Bilder werden auf einmal betrachtet.</translation>
    </message>
    <message>
      <source>Opacity of the depth</source>
      <translation>Deckkraft der Tiefe</translation>
    </message>
    <message>
      <source>Opacity of the map</source>
      <translation>Deckkraft der Karte</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>Öffnen</translation>
    </message>
    <message>
      <source>Open a model</source>
      <translation>Modell öffnen</translation>
    </message>
    <message>
      <source>Open a model…</source>
      <translation>Modell öffnen …</translation>
    </message>
    <message>
      <source>Open an image or a trace</source>
      <translation>Bild oder Aufzeichnung öffnen</translation>
    </message>
    <message>
      <source>Open images</source>
      <translation>Bilder öffnen</translation>
    </message>
    <message>
      <source>Open model…</source>
      <translation>Modell öffnen …</translation>
    </message>
    <message>
      <source>Open recent</source>
      <translation>Zuletzt verwendet</translation>
    </message>
    <message>
      <source>Open recent…</source>
      <translation>Zuletzt verwendet …</translation>
    </message>
    <message>
      <source>Open results folder</source>
      <translation>Ergebnisordner öffnen</translation>
    </message>
    <message>
      <source>Open the folder: {name}</source>
      <translation>Ordner öffnen: {name}</translation>
    </message>
    <message>
      <source>Open the run that this one branches from</source>
      <translation>Den Lauf öffnen, von dem dieser abzweigt</translation>
    </message>
    <message>
      <source>Open {name}</source>
      <translation>{name} öffnen</translation>
    </message>
    <message>
      <source>Opened {name}.</source>
      <translation>{name} geöffnet.</translation>
    </message>
    <message>
      <source>Opening {name}…</source>
      <translation>{name} wird geöffnet …</translation>
    </message>
    <message>
      <source>Open…</source>
      <translation>Öffnen …</translation>
    </message>
    <message>
      <source>Operations of a network call, two per multiply-add</source>
      <translation>Operationen eines Netzaufrufs, zwei je Multiplikation mit Addition</translation>
    </message>
    <message>
      <source>Operations of all network evaluations</source>
      <translation>Rechenoperationen aller Netzauswertungen</translation>
    </message>
    <message>
      <source>Options of a training, in its recipe's [alignment]</source>
      <translation>Optionen eines Trainings, in [alignment] seines Rezepts</translation>
    </message>
    <message>
      <source>Order</source>
      <translation>Reihenfolge</translation>
    </message>
    <message>
      <source>Order of the patches</source>
      <translation>Reihenfolge der Patches</translation>
    </message>
    <message>
      <source>Other noise</source>
      <translation>Anderes Rauschen</translation>
    </message>
    <message>
      <source>Other programs kept it busy: measure again when they are done.</source>
      <translation>Andere Programme haben ihn beschäftigt: noch einmal messen, wenn sie fertig sind.</translation>
    </message>
    <message>
      <source>Outer steps; each costs as many calls as there are inner steps</source>
      <translation>Äußere Schritte; jeder kostet so viele Aufrufe, wie es innere Schritte gibt</translation>
    </message>
    <message>
      <source>Over the run, the two shares stay, or change places by half a cosine</source>
      <translation>Im Lauf bleiben beide Anteile gleich oder tauschen entlang eines halben Kosinus</translation>
    </message>
    <message>
      <source>Overlay</source>
      <translation>Überlagerung</translation>
    </message>
    <message>
      <source>PAG</source>
      <translation>PAG</translation>
    </message>
    <message>
      <source>PLY, coloured points in space</source>
      <translation>PLY, farbige Punkte im Raum</translation>
    </message>
    <message>
      <source>PNG in the colours shown</source>
      <translation>PNG in den gezeigten Farben</translation>
    </message>
    <message>
      <source>PNG mask, black where less certain than the line</source>
      <translation>PNG-Maske, schwarz, wo unsicherer als die Linie</translation>
    </message>
    <message>
      <source>Pages</source>
      <translation>Seiten</translation>
    </message>
    <message>
      <source>Paint a few patches of each label; the others follow.</source>
      <translation>Von jedem Label ein paar Patches malen; die anderen folgen.</translation>
    </message>
    <message>
      <source>Paint fast</source>
      <translation>Schnell malen</translation>
    </message>
    <message>
      <source>Paint marks</source>
      <translation>Markierungen</translation>
    </message>
    <message>
      <source>Paint over a part of one image; it is found in the others.</source>
      <translation>Einen Teil eines Bildes übermalen; er wird in den anderen gefunden.</translation>
    </message>
    <message>
      <source>Paint slow</source>
      <translation>Langsam malen</translation>
    </message>
    <message>
      <source>Paint the patch under the cursor</source>
      <translation>Den Patch unter dem Cursor bemalen</translation>
    </message>
    <message>
      <source>Painted</source>
      <translation>Bemalt</translation>
    </message>
    <message>
      <source>Painted patches</source>
      <translation>Bemalte Patches</translation>
    </message>
    <message>
      <source>Painted: {counts}</source>
      <translation>Bemalt: {counts}</translation>
    </message>
    <message>
      <source>Pan</source>
      <translation>Verschieben</translation>
    </message>
    <message>
      <source>Paper</source>
      <translation>Artikel</translation>
    </message>
    <message>
      <source>Parallel part</source>
      <translation>Paralleler Teil</translation>
    </message>
    <message>
      <source>Parameters</source>
      <translation>Parameter</translation>
    </message>
    <message>
      <source>Pass</source>
      <translation>Durchgang</translation>
    </message>
    <message>
      <source>Passes</source>
      <translation>Durchgänge</translation>
    </message>
    <message>
      <source>Paste image or files</source>
      <translation>Bild oder Dateien einfügen</translation>
    </message>
    <message>
      <source>Patch</source>
      <translation>Patch</translation>
    </message>
    <message>
      <source>Patch Forcing Studio {version}

See how a flow model makes an image: where it struggles, call by call.

Everything runs on this machine. Nothing is sent anywhere.</source>
      <translation>Patch Forcing Studio {version}

Sehen, wie ein Flow-Modell ein Bild erzeugt: wo es sich schwertut, Aufruf für Aufruf.

Alles läuft auf diesem Rechner. Nichts wird irgendwohin gesendet.</translation>
    </message>
    <message>
      <source>Patch evaluations</source>
      <translation>Patch-Auswertungen</translation>
    </message>
    <message>
      <source>Patch grid</source>
      <translation>Patch-Raster</translation>
    </message>
    <message>
      <source>Patch under the cursor</source>
      <translation>Patch unter dem Cursor</translation>
    </message>
    <message>
      <source>Patches</source>
      <translation>Patches</translation>
    </message>
    <message>
      <source>Patches earlier than this are not guided</source>
      <translation>Frühere Patches werden nicht geführt</translation>
    </message>
    <message>
      <source>Patches earlier than this time do not move</source>
      <translation>Patches vor dieser Zeit bewegen sich nicht</translation>
    </message>
    <message>
      <source>Patches finished</source>
      <translation>Patches fertig</translation>
    </message>
    <message>
      <source>Patches later than this are not guided</source>
      <translation>Spätere Patches werden nicht geführt</translation>
    </message>
    <message>
      <source>Patches skipped blocks in its training (TREAD)</source>
      <translation>Patches übersprangen im Training Blöcke (TREAD)</translation>
    </message>
    <message>
      <source>Patches that finish early in the next run</source>
      <translation>Patches, die im nächsten Lauf früh fertig sind</translation>
    </message>
    <message>
      <source>Patches that finish late in the next run</source>
      <translation>Patches, die im nächsten Lauf spät fertig sind</translation>
    </message>
    <message>
      <source>Patches that keep the start image in the next run</source>
      <translation>Patches, die im nächsten Lauf das Startbild behalten</translation>
    </message>
    <message>
      <source>Patches that look at the same places, in each image by itself.</source>
      <translation>Patches, die auf dieselben Stellen schauen, in jedem Bild für sich.</translation>
    </message>
    <message>
      <source>Patches with similar features, joint over all images.</source>
      <translation>Patches mit ähnlichen Merkmalen, über alle Bilder hinweg.</translation>
    </message>
    <message>
      <source>Pause</source>
      <translation>Pause</translation>
    </message>
    <message>
      <source>Pause (Space)</source>
      <translation>Pause (Leertaste)</translation>
    </message>
    <message>
      <source>Pause it, or let it end.</source>
      <translation>Anhalten oder enden lassen.</translation>
    </message>
    <message>
      <source>Pause/Resume</source>
      <translation>Anhalten/Fortsetzen</translation>
    </message>
    <message>
      <source>Paused</source>
      <translation>Angehalten</translation>
    </message>
    <message>
      <source>Peak signal-to-noise ratio of the final images to the reference</source>
      <translation>Spitzen-Signal-Rausch-Verhältnis der fertigen Bilder zur Referenz</translation>
    </message>
    <message>
      <source>Per call</source>
      <translation>Je Aufruf</translation>
    </message>
    <message>
      <source>Per patch</source>
      <translation>Je Patch</translation>
    </message>
    <message>
      <source>Per patch: flat patches finish early, details get all steps</source>
      <translation>Je Patch: flache Patches sind früh fertig, Details bekommen alle Schritte</translation>
    </message>
    <message>
      <source>Per-patch timesteps</source>
      <translation>Zeitschritte je Patch</translation>
    </message>
    <message>
      <source>Pin this run, to compare later ones with it</source>
      <translation>Diesen Lauf anheften, um spätere damit zu vergleichen</translation>
    </message>
    <message>
      <source>Pixel</source>
      <translation>Pixel</translation>
    </message>
    <message>
      <source>Pixels</source>
      <translation>Pixel</translation>
    </message>
    <message>
      <source>Pixels: as in training; latents: encodes the small image only, quicker and softer</source>
      <translation>Pixel: wie im Training; Latents: kodiert nur das kleine Bild, schneller und weicher</translation>
    </message>
    <message>
      <source>Play (Space)</source>
      <translation>Abspielen (Leertaste)</translation>
    </message>
    <message>
      <source>Play/Pause</source>
      <translation>Abspielen/Pause</translation>
    </message>
    <message>
      <source>Please copy the report and send it to us.</source>
      <translation>Bitte den Bericht kopieren und uns senden.</translation>
    </message>
    <message>
      <source>Please report it with the details.</source>
      <translation>Bitte mit den Details melden.</translation>
    </message>
    <message>
      <source>Please send us the report.</source>
      <translation>Bitte uns den Bericht senden.</translation>
    </message>
    <message>
      <source>Plot</source>
      <translation>Diagramm</translation>
    </message>
    <message>
      <source>Point cloud</source>
      <translation>Punktwolke</translation>
    </message>
    <message>
      <source>Points in space that can be turned</source>
      <translation>Punkte im Raum, die sich drehen lassen</translation>
    </message>
    <message>
      <source>Pooling</source>
      <translation>Pooling</translation>
    </message>
    <message>
      <source>Precision</source>
      <translation>Genauigkeit</translation>
    </message>
    <message>
      <source>Predicted variance against the measured error</source>
      <translation>Vorhergesagte Varianz gegen den gemessenen Fehler</translation>
    </message>
    <message>
      <source>Prediction</source>
      <translation>Vorhersage</translation>
    </message>
    <message>
      <source>Prediction as generation</source>
      <translation>Vorhersage als Erzeugung</translation>
    </message>
    <message>
      <source>Prediction x̂₁</source>
      <translation>Vorhersage x̂₁</translation>
    </message>
    <message>
      <source>Presets</source>
      <translation>Voreinstellungen</translation>
    </message>
    <message>
      <source>Press Generate to watch an image being made, patch by patch.</source>
      <translation>„Erzeugen“ drücken und zusehen, wie ein Bild entsteht, Patch für Patch.</translation>
    </message>
    <message>
      <source>Preview budget</source>
      <translation>Vorschau-Budget</translation>
    </message>
    <message>
      <source>Preview of the export</source>
      <translation>Vorschau des Exports</translation>
    </message>
    <message>
      <source>Preview overhead</source>
      <translation>Vorschau-Anteil</translation>
    </message>
    <message>
      <source>Previous (Left)</source>
      <translation>Zurück (Links)</translation>
    </message>
    <message>
      <source>Previous call</source>
      <translation>Voriger Aufruf</translation>
    </message>
    <message>
      <source>Previous image</source>
      <translation>Voriges Bild</translation>
    </message>
    <message>
      <source>Probe</source>
      <translation>Messen</translation>
    </message>
    <message>
      <source>Processing resolution</source>
      <translation>Verarbeitungsauflösung</translation>
    </message>
    <message>
      <source>Processor threads of a run; auto is timed on this machine</source>
      <translation>Prozessor-Threads eines Laufs; „auto“ wird auf diesem Rechner gemessen</translation>
    </message>
    <message>
      <source>Processors compute float16 very slowly, so bfloat16 is used instead.</source>
      <translation>Prozessoren rechnen sehr langsam mit float16, daher wird bfloat16 verwendet.</translation>
    </message>
    <message>
      <source>Profile</source>
      <translation>Profil</translation>
    </message>
    <message>
      <source>Progress of the download</source>
      <translation>Fortschritt des Downloads</translation>
    </message>
    <message>
      <source>Progress of the export</source>
      <translation>Fortschritt des Exports</translation>
    </message>
    <message>
      <source>Progress of the run</source>
      <translation>Fortschritt des Laufs</translation>
    </message>
    <message>
      <source>Prompt</source>
      <translation>Prompt</translation>
    </message>
    <message>
      <source>Quantity</source>
      <translation>Größe</translation>
    </message>
    <message>
      <source>Queue</source>
      <translation>Warteschlange</translation>
    </message>
    <message>
      <source>Queue {count}</source>
      <translation>Warteschlange {count}</translation>
    </message>
    <message>
      <source>Quit</source>
      <translation>Beenden</translation>
    </message>
    <message>
      <source>RK4</source>
      <translation>RK4</translation>
    </message>
    <message>
      <source>RMSE to {name}, in grey levels ↑</source>
      <translation>RMSE zu {name}, in Graustufen ↑</translation>
    </message>
    <message>
      <source>Race</source>
      <translation>Rennen</translation>
    </message>
    <message>
      <source>Random</source>
      <translation>Zufällig</translation>
    </message>
    <message>
      <source>Random seed</source>
      <translation>Zufälliger Seed</translation>
    </message>
    <message>
      <source>Range</source>
      <translation>Bereich</translation>
    </message>
    <message>
      <source>Range of the colours</source>
      <translation>Bereich der Farben</translation>
    </message>
    <message>
      <source>Rank</source>
      <translation>Rang</translation>
    </message>
    <message>
      <source>Rank 1 is the easiest patch of this call</source>
      <translation>Rang 1 ist der leichteste Patch dieses Aufrufs</translation>
    </message>
    <message>
      <source>Rank correlation of variance and error within a time: {within_time:.2f}. Error / variance: {ratio:.2f}, {verdict}. {patches:,} patches at all times.</source>
      <translation>Rangkorrelation von Varianz und Fehler innerhalb einer Zeit: {within_time:.2f}. Fehler / Varianz: {ratio:.2f}, {verdict}. {patches:,} Patches zu allen Zeiten.</translation>
    </message>
    <message>
      <source>Raster</source>
      <translation>Zeilenweise</translation>
    </message>
    <message>
      <source>Reading the results folder…</source>
      <translation>Ergebnisordner wird gelesen …</translation>
    </message>
    <message>
      <source>Reading…</source>
      <translation>Wird gelesen …</translation>
    </message>
    <message>
      <source>Ready</source>
      <translation>Bereit</translation>
    </message>
    <message>
      <source>Recipe</source>
      <translation>Rezept</translation>
    </message>
    <message>
      <source>Recipe panel</source>
      <translation>Rezept</translation>
    </message>
    <message>
      <source>Recipe restored.</source>
      <translation>Rezept wiederhergestellt.</translation>
    </message>
    <message>
      <source>Record a run with at least one call.</source>
      <translation>Einen Lauf mit mindestens einem Aufruf aufzeichnen.</translation>
    </message>
    <message>
      <source>Record what the scans of a zigzag Mamba do to each patch</source>
      <translation>Aufzeichnen, was die Scans eines Zickzack-Mamba mit jedem Patch tun</translation>
    </message>
    <message>
      <source>Record which words of a prompt each patch listens to</source>
      <translation>Aufzeichnen, auf welche Wörter eines Prompts jeder Patch hört</translation>
    </message>
    <message>
      <source>Redo</source>
      <translation>Wiederholen</translation>
    </message>
    <message>
      <source>Reference of the differences</source>
      <translation>Referenz der Differenzen</translation>
    </message>
    <message>
      <source>Reliability</source>
      <translation>Verlässlichkeit</translation>
    </message>
    <message>
      <source>Remove</source>
      <translation>Entfernen</translation>
    </message>
    <message>
      <source>Remove branch</source>
      <translation>Verzweigung entfernen</translation>
    </message>
    <message>
      <source>Remove from list</source>
      <translation>Aus der Liste entfernen</translation>
    </message>
    <message>
      <source>Remove masks file</source>
      <translation>Maskendatei entfernen</translation>
    </message>
    <message>
      <source>Remove noise file</source>
      <translation>Rauschdatei entfernen</translation>
    </message>
    <message>
      <source>Remove star</source>
      <translation>Markierung entfernen</translation>
    </message>
    <message>
      <source>Remove start image</source>
      <translation>Startbild entfernen</translation>
    </message>
    <message>
      <source>Remove the branch from the recipe first.</source>
      <translation>Zuerst die Verzweigung aus dem Rezept entfernen.</translation>
    </message>
    <message>
      <source>Remove the model and fetch or import it again.</source>
      <translation>Das Modell entfernen und erneut holen oder importieren.</translation>
    </message>
    <message>
      <source>Remove {name}</source>
      <translation>{name} entfernen</translation>
    </message>
    <message>
      <source>Rename it to .ckpt.</source>
      <translation>In .ckpt umbenennen.</translation>
    </message>
    <message>
      <source>Replaced the preset {name}.</source>
      <translation>Voreinstellung „{name}“ ersetzt.</translation>
    </message>
    <message>
      <source>Report</source>
      <translation>Bericht</translation>
    </message>
    <message>
      <source>Representations that guide</source>
      <translation>Darstellungen, die führen</translation>
    </message>
    <message>
      <source>Reproduce exactly</source>
      <translation>Genau nachbilden</translation>
    </message>
    <message>
      <source>Restore the recipe</source>
      <translation>Rezept übernehmen</translation>
    </message>
    <message numerus="yes">
      <source>Restore the recipe of {name}? It changes %n settings; Undo brings back yours.</source>
      <translation>
        <numerusform>Das Rezept von {name} übernehmen? Es ändert %n Einstellung; „Rückgängig“ holt die eigene zurück.</numerusform>
        <numerusform>Das Rezept von {name} übernehmen? Es ändert %n Einstellungen; „Rückgängig“ holt die eigenen zurück.</numerusform>
      </translation>
    </message>
    <message>
      <source>Restore the recipe without it.</source>
      <translation>Das Rezept ohne dies übernehmen.</translation>
    </message>
    <message>
      <source>Result</source>
      <translation>Ergebnis</translation>
    </message>
    <message>
      <source>Results</source>
      <translation>Ergebnisse</translation>
    </message>
    <message>
      <source>Results appear here as soon as they are saved.</source>
      <translation>Ergebnisse erscheinen hier, sobald sie gespeichert sind.</translation>
    </message>
    <message>
      <source>Results panel</source>
      <translation>Ergebnisse</translation>
    </message>
    <message>
      <source>Results, newest first</source>
      <translation>Ergebnisse, neueste zuerst</translation>
    </message>
    <message>
      <source>Resume</source>
      <translation>Fortsetzen</translation>
    </message>
    <message>
      <source>Role</source>
      <translation>Rolle</translation>
    </message>
    <message>
      <source>Root mean square difference of the final images to the reference, in grey levels</source>
      <translation>Quadratisches Mittel der Differenz der fertigen Bilder zur Referenz, in Graustufen</translation>
    </message>
    <message>
      <source>Root mean square that the difference may have at most; 0: no limit</source>
      <translation>Quadratisches Mittel, das die Differenz höchstens haben darf; 0: keine Grenze</translation>
    </message>
    <message>
      <source>Rows</source>
      <translation>Zeilen</translation>
    </message>
    <message>
      <source>Rules of guidance in the recipe, compared in the sampler lab</source>
      <translation>Regeln der Guidance im Rezept, verglichen im Sampler-Labor</translation>
    </message>
    <message>
      <source>Run</source>
      <translation>Lauf</translation>
    </message>
    <message>
      <source>Run</source>
      <comment>verb</comment>
      <translation>Starten</translation>
    </message>
    <message>
      <source>Run it again with fewer images.</source>
      <translation>Mit weniger Bildern erneut starten.</translation>
    </message>
    <message>
      <source>Run it again, or open its trace first.</source>
      <translation>Erneut starten oder zuerst seine Aufzeichnung öffnen.</translation>
    </message>
    <message>
      <source>Run jobs from last session</source>
      <translation>Läufe der letzten Sitzung starten</translation>
    </message>
    <message>
      <source>Run what is chosen</source>
      <translation>Das Gewählte ausführen</translation>
    </message>
    <message>
      <source>Runs and network</source>
      <translation>Läufe und Netzwerk</translation>
    </message>
    <message>
      <source>SDE-Heun</source>
      <translation>SDE-Heun</translation>
    </message>
    <message>
      <source>SEG</source>
      <translation>SEG</translation>
    </message>
    <message>
      <source>SLG</source>
      <translation>SLG</translation>
    </message>
    <message>
      <source>Sampler</source>
      <translation>Sampler</translation>
    </message>
    <message>
      <source>Sampler lab</source>
      <translation>Sampler-Labor</translation>
    </message>
    <message>
      <source>Samplers</source>
      <translation>Sampler</translation>
    </message>
    <message>
      <source>Save</source>
      <translation>Speichern</translation>
    </message>
    <message>
      <source>Save all…</source>
      <translation>Alle speichern …</translation>
    </message>
    <message>
      <source>Save as</source>
      <translation>Speichern unter</translation>
    </message>
    <message>
      <source>Save as preset…</source>
      <translation>Als Voreinstellung speichern …</translation>
    </message>
    <message>
      <source>Save depth</source>
      <translation>Tiefe speichern</translation>
    </message>
    <message>
      <source>Save depth…</source>
      <translation>Tiefe speichern …</translation>
    </message>
    <message>
      <source>Save every depth</source>
      <translation>Jede Tiefe speichern</translation>
    </message>
    <message>
      <source>Save every result in</source>
      <translation>Alle Ergebnisse speichern in</translation>
    </message>
    <message>
      <source>Save every result to a folder</source>
      <translation>Alle Ergebnisse in einem Ordner speichern</translation>
    </message>
    <message>
      <source>Save image…</source>
      <translation>Bild speichern …</translation>
    </message>
    <message>
      <source>Save it again with torch.save of PyTorch 1.6 or later, or as .safetensors.</source>
      <translation>Mit torch.save von PyTorch 1.6 oder neuer oder als .safetensors neu speichern.</translation>
    </message>
    <message>
      <source>Save it as .png.</source>
      <translation>Als .png speichern.</translation>
    </message>
    <message>
      <source>Save it as PNG or WebP.</source>
      <translation>Als PNG oder WebP speichern.</translation>
    </message>
    <message>
      <source>Save it as PNG.</source>
      <translation>Als PNG speichern.</translation>
    </message>
    <message>
      <source>Save it as a file and drop that.</source>
      <translation>Als Datei speichern und diese ablegen.</translation>
    </message>
    <message>
      <source>Save preset</source>
      <translation>Voreinstellung speichern</translation>
    </message>
    <message>
      <source>Save the depth of this image</source>
      <translation>Die Tiefe dieses Bildes speichern</translation>
    </message>
    <message>
      <source>Save the image first, then drop its file.</source>
      <translation>Zuerst das Bild speichern, dann seine Datei ablegen.</translation>
    </message>
    <message>
      <source>Save the result</source>
      <translation>Ergebnis speichern</translation>
    </message>
    <message>
      <source>Save the shown result</source>
      <translation>Das gezeigte Ergebnis speichern</translation>
    </message>
    <message>
      <source>Save the view as an image</source>
      <translation>Ansicht als Bild speichern</translation>
    </message>
    <message>
      <source>Save view as image…</source>
      <translation>Ansicht als Bild speichern …</translation>
    </message>
    <message>
      <source>Save what is shown, the whole run, or figures of it</source>
      <translation>Das Gezeigte, den ganzen Lauf oder Abbildungen davon speichern</translation>
    </message>
    <message>
      <source>Save with metadata</source>
      <translation>Mit Metadaten speichern</translation>
    </message>
    <message>
      <source>Saved as</source>
      <translation>Gespeichert als</translation>
    </message>
    <message>
      <source>Saved the preset {name}.</source>
      <translation>Voreinstellung „{name}“ gespeichert.</translation>
    </message>
    <message>
      <source>Saved {name}.</source>
      <translation>{name} gespeichert.</translation>
    </message>
    <message>
      <source>Save…</source>
      <translation>Speichern …</translation>
    </message>
    <message>
      <source>Say it once: pfstudio models import --time-runs image-to-noise (as TREAD trains), or noise-to-image.</source>
      <translation>Einmal angeben: pfstudio models import --time-runs image-to-noise (wie TREAD trainiert) oder noise-to-image.</translation>
    </message>
    <message>
      <source>Scale</source>
      <translation>Stärke</translation>
    </message>
    <message>
      <source>Scan</source>
      <translation>Scan</translation>
    </message>
    <message>
      <source>Scan maps</source>
      <translation>Scankarten</translation>
    </message>
    <message>
      <source>Scan path</source>
      <translation>Scan-Weg</translation>
    </message>
    <message>
      <source>Scan: decay</source>
      <translation>Scan: Abklingen</translation>
    </message>
    <message>
      <source>Scan: gate</source>
      <translation>Scan: Tor</translation>
    </message>
    <message>
      <source>Scan: reach</source>
      <translation>Scan: Reichweite</translation>
    </message>
    <message>
      <source>Scan: written</source>
      <translation>Scan: Geschriebenes</translation>
    </message>
    <message>
      <source>Schedule</source>
      <translation>Verlauf</translation>
    </message>
    <message>
      <source>Schedule: calls across, patches down</source>
      <translation>Zeitplan: Aufrufe nebeneinander, Patches untereinander</translation>
    </message>
    <message>
      <source>Scheduled</source>
      <translation>Zeitplan</translation>
    </message>
    <message>
      <source>Scribbles</source>
      <translation>Striche</translation>
    </message>
    <message>
      <source>Search</source>
      <translation>Suchen</translation>
    </message>
    <message>
      <source>Search prompts, classes, models, notes</source>
      <translation>Prompts, Klassen, Modelle, Notizen suchen</translation>
    </message>
    <message>
      <source>Search the library</source>
      <translation>Bibliothek durchsuchen</translation>
    </message>
    <message>
      <source>Search the log</source>
      <translation>Im Protokoll suchen</translation>
    </message>
    <message>
      <source>Second-order steps; two calls each</source>
      <translation>Schritte zweiter Ordnung; je zwei Aufrufe</translation>
    </message>
    <message>
      <source>Second-order steps; two calls each, but one for the last</source>
      <translation>Schritte zweiter Ordnung; je zwei Aufrufe, der letzte nur einer</translation>
    </message>
    <message>
      <source>Seconds</source>
      <translation>Sekunden</translation>
    </message>
    <message>
      <source>Seconds of each column</source>
      <translation>Sekunden jeder Spalte</translation>
    </message>
    <message>
      <source>Seconds per image</source>
      <translation>Sekunden je Bild</translation>
    </message>
    <message>
      <source>See which patches listen to this word; press to keep it</source>
      <translation>Zeigt, welche Patches auf dieses Wort hören; Drücken hält es fest</translation>
    </message>
    <message>
      <source>See: pfstudio models list</source>
      <translation>Siehe: pfstudio models list</translation>
    </message>
    <message>
      <source>Seed</source>
      <translation>Seed</translation>
    </message>
    <message>
      <source>Segment</source>
      <translation>Gliedern</translation>
    </message>
    <message>
      <source>Segments without training</source>
      <translation>Segmente ohne Training</translation>
    </message>
    <message>
      <source>Selected</source>
      <translation>Ausgewählt</translation>
    </message>
    <message>
      <source>Send image to Upscale</source>
      <translation>Bild hochskalieren</translation>
    </message>
    <message>
      <source>Send to Upscale</source>
      <translation>An Hochskalieren senden</translation>
    </message>
    <message>
      <source>Send to {page}</source>
      <translation>An {page} senden</translation>
    </message>
    <message>
      <source>Setting</source>
      <translation>Einstellung</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>Einstellungen</translation>
    </message>
    <message>
      <source>Settings…</source>
      <translation>Einstellungen …</translation>
    </message>
    <message>
      <source>Share of a run's time for previews: decoding and drawing</source>
      <translation>Anteil der Zeit eines Laufs für die Vorschau: Dekodieren und Zeichnen</translation>
    </message>
    <message>
      <source>Share of the patches that count as easy in each step (the paper's p)</source>
      <translation>Anteil der Patches, die in jedem Schritt als leicht gelten (das p des Artikels)</translation>
    </message>
    <message>
      <source>Share of the patches that finish in the first step</source>
      <translation>Anteil der Patches, die nach dem ersten Schritt fertig sind</translation>
    </message>
    <message>
      <source>Share of the patches that the strong prediction skips; published best: 5 to 40 %</source>
      <translation>Anteil der Patches, die die starke Vorhersage überspringt; laut Artikel am besten: 5 bis 40 %</translation>
    </message>
    <message>
      <source>Share of the patches that the weak prediction skips; published best: 65 to 90 %</source>
      <translation>Anteil der Patches, die die schwache Vorhersage überspringt; laut Artikel am besten: 65 bis 90 %</translation>
    </message>
    <message>
      <source>Share of the run between the first and last patch's start (0: together)</source>
      <translation>Anteil des Laufs zwischen dem Start des ersten und des letzten Patches (0: gemeinsam)</translation>
    </message>
    <message>
      <source>Share that skips them, %</source>
      <translation>Anteil, der sie überspringt, %</translation>
    </message>
    <message>
      <source>Shares of clean patches must lie between 0 and 1.</source>
      <translation>Anteile sauberer Patches müssen zwischen 0 und 1 liegen.</translation>
    </message>
    <message>
      <source>Shortcut of {name}</source>
      <translation>Tastenkürzel von „{name}“</translation>
    </message>
    <message>
      <source>Show</source>
      <translation>Anzeigen</translation>
    </message>
    <message>
      <source>Show a desktop message when a run ends in the background</source>
      <translation>Eine Meldung auf dem Desktop zeigen, wenn ein Lauf im Hintergrund endet</translation>
    </message>
    <message>
      <source>Show in folder</source>
      <translation>Im Ordner anzeigen</translation>
    </message>
    <message>
      <source>Show queue</source>
      <translation>Warteschlange anzeigen</translation>
    </message>
    <message>
      <source>Show the path of the scan</source>
      <translation>Den Weg des Scans zeigen</translation>
    </message>
    <message>
      <source>Show the path of the scan: {path}</source>
      <translation>Den Weg des Scans zeigen: {path}</translation>
    </message>
    <message>
      <source>Show the whole image (0)</source>
      <translation>Das ganze Bild zeigen (0)</translation>
    </message>
    <message>
      <source>Show {title}</source>
      <translation>{title} zeigen</translation>
    </message>
    <message>
      <source>Side</source>
      <translation>Neben</translation>
    </message>
    <message>
      <source>Side by side</source>
      <translation>Nebeneinander</translation>
    </message>
    <message>
      <source>Side of its images</source>
      <translation>Seite seiner Bilder</translation>
    </message>
    <message>
      <source>Side of the part of the result that the network is given at once</source>
      <translation>Seitenlänge des Teils des Ergebnisses, den das Netz auf einmal bekommt</translation>
    </message>
    <message>
      <source>Sigma</source>
      <translation>Sigma</translation>
    </message>
    <message>
      <source>Single</source>
      <translation>Einzeln</translation>
    </message>
    <message>
      <source>Single step</source>
      <translation>Einzelschritt</translation>
    </message>
    <message>
      <source>Single view</source>
      <translation>Einzelansicht</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>Größe</translation>
    </message>
    <message>
      <source>Sizes other than the model's own interpolate its position embeddings</source>
      <translation>Andere Größen als die eigene des Modells interpolieren seine Positions-Embeddings</translation>
    </message>
    <message>
      <source>Slider</source>
      <translation>Schieber</translation>
    </message>
    <message>
      <source>Small steps that a hard patch takes in each outer step</source>
      <translation>Kleine Schritte, die ein schwerer Patch in jedem äußeren Schritt macht</translation>
    </message>
    <message>
      <source>Solver</source>
      <translation>Löser</translation>
    </message>
    <message>
      <source>Solver steps of each pass; with per-patch timesteps: of the hard patches</source>
      <translation>Löserschritte jedes Durchgangs; bei Zeitschritten je Patch: der schweren Patches</translation>
    </message>
    <message>
      <source>Something went wrong inside the program.</source>
      <translation>Im Programm ist etwas schiefgegangen.</translation>
    </message>
    <message>
      <source>Sparse</source>
      <translation>Sparse</translation>
    </message>
    <message>
      <source>Sparsification</source>
      <translation>Ausdünnung</translation>
    </message>
    <message>
      <source>Spectral</source>
      <translation>Spektral</translation>
    </message>
    <message>
      <source>Speed</source>
      <translation>Tempo</translation>
    </message>
    <message>
      <source>Speed |v|</source>
      <translation>Tempo |v|</translation>
    </message>
    <message>
      <source>Spiral</source>
      <translation>Spirale</translation>
    </message>
    <message>
      <source>Spread</source>
      <translation>Streuung</translation>
    </message>
    <message>
      <source>Spread of all pixels</source>
      <translation>Streuung aller Pixel</translation>
    </message>
    <message>
      <source>Spread, median</source>
      <translation>Streuung, Median</translation>
    </message>
    <message>
      <source>Stage</source>
      <translation>Bühne</translation>
    </message>
    <message>
      <source>Stages must take more samples of fewer classes, one after the other.</source>
      <translation>Stufen müssen nacheinander mehr Proben von weniger Klassen nehmen.</translation>
    </message>
    <message>
      <source>Standard</source>
      <translation>Standard</translation>
    </message>
    <message>
      <source>Standard deviation of the blur, in patches; 0 makes all patches ask alike</source>
      <translation>Standardabweichung der Unschärfe in Patches; bei 0 fragen alle Patches gleich</translation>
    </message>
    <message>
      <source>Standings</source>
      <translation>Zwischenstand</translation>
    </message>
    <message>
      <source>Star</source>
      <translation>Stern</translation>
    </message>
    <message>
      <source>Starred</source>
      <translation>Mit Stern</translation>
    </message>
    <message>
      <source>Start again</source>
      <translation>Neu starten</translation>
    </message>
    <message>
      <source>Start from an image</source>
      <translation>Von einem Bild ausgehen</translation>
    </message>
    <message>
      <source>Start image</source>
      <translation>Startbild</translation>
    </message>
    <message>
      <source>Start it again; the queue is kept.</source>
      <translation>Neu starten; die Warteschlange bleibt erhalten.</translation>
    </message>
    <message>
      <source>Start race</source>
      <translation>Rennen starten</translation>
    </message>
    <message>
      <source>Start the race: every class tries to explain the image.</source>
      <translation>Das Rennen starten: jede Klasse versucht, das Bild zu erklären.</translation>
    </message>
    <message>
      <source>Start time</source>
      <translation>Startzeit</translation>
    </message>
    <message>
      <source>Start time is 1, but must be at least 0 and below 1.</source>
      <translation>Die Startzeit ist 1, muss aber mindestens 0 und kleiner als 1 sein.</translation>
    </message>
    <message>
      <source>Starting the engine</source>
      <translation>Engine startet</translation>
    </message>
    <message>
      <source>Starting the engine…</source>
      <translation>Engine startet …</translation>
    </message>
    <message>
      <source>Starts from</source>
      <translation>Beginnt mit</translation>
    </message>
    <message>
      <source>State</source>
      <translation>Zustand</translation>
    </message>
    <message>
      <source>Step of the scan</source>
      <translation>Schritt des Scans</translation>
    </message>
    <message>
      <source>Step {step} of {last}</source>
      <translation>Schritt {step} von {last}</translation>
    </message>
    <message>
      <source>Steps</source>
      <translation>Schritte</translation>
    </message>
    <message>
      <source>Steps from noise to image; one call each</source>
      <translation>Schritte vom Rauschen zum Bild; je ein Aufruf</translation>
    </message>
    <message>
      <source>Steps of the schedule; one call each</source>
      <translation>Schritte des Zeitplans; je ein Aufruf</translation>
    </message>
    <message>
      <source>Steps of the solver from the image to its depth</source>
      <translation>Schritte des Lösers vom Bild zu seiner Tiefe</translation>
    </message>
    <message>
      <source>Steps; two calls each, but one in the early phase</source>
      <translation>Schritte; je zwei Aufrufe, in der frühen Phase einer</translation>
    </message>
    <message>
      <source>Still until</source>
      <translation>Ruhe bis</translation>
    </message>
    <message>
      <source>Stochastic</source>
      <translation>Stochastisch</translation>
    </message>
    <message>
      <source>Stop</source>
      <translation>Stoppen</translation>
    </message>
    <message>
      <source>Stop all</source>
      <translation>Alle stoppen</translation>
    </message>
    <message>
      <source>Stop the comparison</source>
      <translation>Den Vergleich stoppen</translation>
    </message>
    <message>
      <source>Stop the walk</source>
      <translation>Anhalten</translation>
    </message>
    <message>
      <source>Stopped after {nfe} calls; they are kept.</source>
      <translation>Nach {nfe} Aufrufen gestoppt; sie bleiben erhalten.</translation>
    </message>
    <message>
      <source>Stopped before it was finished. Estimate all runs it again.</source>
      <translation>Vor dem Ende gestoppt. „Alle schätzen“ startet es erneut.</translation>
    </message>
    <message>
      <source>Stopped run</source>
      <translation>Gestoppter Lauf</translation>
    </message>
    <message>
      <source>Stopped: {name} leads.</source>
      <translation>Gestoppt: {name} führt.</translation>
    </message>
    <message>
      <source>Stopped; {result}.</source>
      <translation>Gestoppt; {result}.</translation>
    </message>
    <message>
      <source>Stopping</source>
      <translation>Stoppt</translation>
    </message>
    <message>
      <source>Stopping…</source>
      <translation>Stoppt …</translation>
    </message>
    <message>
      <source>Strength</source>
      <translation>Stärke</translation>
    </message>
    <message>
      <source>Stripes over pixels less certain than the line</source>
      <translation>Streifen über Pixeln, die unsicherer sind als die Linie</translation>
    </message>
    <message>
      <source>Strong share</source>
      <translation>Anteil stark</translation>
    </message>
    <message>
      <source>Strong − weak</source>
      <translation>Stark − schwach</translation>
    </message>
    <message>
      <source>Strong − weak |Δv|</source>
      <translation>Stark − schwach |Δv|</translation>
    </message>
    <message>
      <source>Sweep, row by row</source>
      <translation>Zeile für Zeile</translation>
    </message>
    <message>
      <source>Sweep, there and back</source>
      <translation>Hin und zurück</translation>
    </message>
    <message>
      <source>System</source>
      <translation>System</translation>
    </message>
    <message>
      <source>System follows the desktop's light or dark setting</source>
      <translation>„System“ folgt der hellen oder dunklen Einstellung des Desktops</translation>
    </message>
    <message>
      <source>TIFF, 32-bit float</source>
      <translation>TIFF, 32-Bit-Gleitkomma</translation>
    </message>
    <message>
      <source>Table</source>
      <translation>Tabelle</translation>
    </message>
    <message>
      <source>That each way may make</source>
      <translation>Die jeder Weg machen darf</translation>
    </message>
    <message>
      <source>The chosen model has one timestep for the whole image</source>
      <translation>Das gewählte Modell hat einen Zeitschritt für das ganze Bild</translation>
    </message>
    <message>
      <source>The difficulty in this call is not known.</source>
      <translation>Die Schwierigkeit in diesem Aufruf ist nicht bekannt.</translation>
    </message>
    <message>
      <source>The download was stopped.</source>
      <translation>Der Download wurde gestoppt.</translation>
    </message>
    <message>
      <source>The dropped image</source>
      <translation>Das abgelegte Bild</translation>
    </message>
    <message>
      <source>The engine stopped unexpectedly.</source>
      <translation>Die Engine wurde unerwartet beendet.</translation>
    </message>
    <message>
      <source>The engine stopped.</source>
      <translation>Die Engine wurde beendet.</translation>
    </message>
    <message>
      <source>The export failed.</source>
      <translation>Der Export ist fehlgeschlagen.</translation>
    </message>
    <message>
      <source>The field</source>
      <translation>Das Gebiet</translation>
    </message>
    <message>
      <source>The figure is empty.</source>
      <translation>Die Abbildung ist leer.</translation>
    </message>
    <message>
      <source>The file</source>
      <translation>Die Datei</translation>
    </message>
    <message>
      <source>The file has no name.</source>
      <translation>Die Datei hat keinen Namen.</translation>
    </message>
    <message>
      <source>The finished image, as it came out of the run.</source>
      <translation>Das fertige Bild, wie es aus dem Lauf kam.</translation>
    </message>
    <message>
      <source>The first transformer block that is disturbed; 0 is the middle one</source>
      <translation>Der erste Transformer-Block, der gestört wird; 0 ist der mittlere</translation>
    </message>
    <message>
      <source>The flow could not be followed within the tolerance: it changes too fast or is no number.</source>
      <translation>Dem Fluss war innerhalb der Toleranz nicht zu folgen: er ändert sich zu schnell oder ist keine Zahl.</translation>
    </message>
    <message>
      <source>The folder {name}</source>
      <translation>Der Ordner {name}</translation>
    </message>
    <message>
      <source>The ground truth has no valid pixel.</source>
      <translation>Die Referenztiefe hat keinen gültigen Pixel.</translation>
    </message>
    <message>
      <source>The image was changed since its depth was estimated. Estimate this image again.</source>
      <translation>Das Bild wurde geändert, seit seine Tiefe geschätzt wurde. Dieses Bild neu schätzen.</translation>
    </message>
    <message>
      <source>The images of this run could not be decoded.</source>
      <translation>Die Bilder dieses Laufs ließen sich nicht dekodieren.</translation>
    </message>
    <message>
      <source>The kinds of work in the survey Diffusion Models and Representation Learning (Fuest et al. 2024), and what of them runs here.</source>
      <translation>Die Arten von Arbeiten in der Übersicht „Diffusion Models and Representation Learning“ (Fuest et al. 2024), und was davon hier läuft.</translation>
    </message>
    <message>
      <source>The last depth recipe cannot be used: {error}</source>
      <translation>Das letzte Tiefenrezept ist nicht verwendbar: {error}</translation>
    </message>
    <message>
      <source>The last recipe cannot be used: {error}</source>
      <translation>Das letzte Rezept ist nicht verwendbar: {error}</translation>
    </message>
    <message>
      <source>The last settings of upscaling cannot be used.</source>
      <translation>Die letzten Einstellungen zum Hochskalieren sind nicht verwendbar.</translation>
    </message>
    <message>
      <source>The line is at {share:.0f} %</source>
      <translation>Die Linie steht bei {share:.0f} %</translation>
    </message>
    <message>
      <source>The list says why.</source>
      <translation>Die Liste sagt, warum.</translation>
    </message>
    <message>
      <source>The log cannot be written to {folder} ({why}).</source>
      <translation>Das Protokoll kann nicht in {folder} geschrieben werden ({why}).</translation>
    </message>
    <message>
      <source>The masks file {masks_file} was not found: masks are drawn instead.</source>
      <translation>Die Maskendatei {masks_file} wurde nicht gefunden: stattdessen werden Masken gezogen.</translation>
    </message>
    <message>
      <source>The masks of the routes do not fit this batch.</source>
      <translation>Die Masken der Routen passen nicht zu dieser Serie.</translation>
    </message>
    <message>
      <source>The model sees: {name}.</source>
      <translation>Das Modell sieht: {name}.</translation>
    </message>
    <message>
      <source>The model {model} is not installed here.</source>
      <translation>Das Modell {model} ist hier nicht installiert.</translation>
    </message>
    <message>
      <source>The noise file {noise_file} was not found: noise is drawn instead.</source>
      <translation>Die Rauschdatei {noise_file} wurde nicht gefunden: stattdessen wird Rauschen gezogen.</translation>
    </message>
    <message>
      <source>The painted patches hold an unknown code.</source>
      <translation>Die bemalten Patches enthalten einen unbekannten Code.</translation>
    </message>
    <message>
      <source>The pasted image cannot be kept ({error}).</source>
      <translation>Das eingefügte Bild lässt sich nicht aufbewahren ({error}).</translation>
    </message>
    <message>
      <source>The points of {name} need the image as it was.</source>
      <translation>Die Punkte von {name} brauchen das Bild, wie es war.</translation>
    </message>
    <message>
      <source>The preset {name} cannot be read.</source>
      <translation>Die Voreinstellung „{name}“ ist nicht lesbar.</translation>
    </message>
    <message>
      <source>The program ended unexpectedly the last time.</source>
      <translation>Das Programm wurde letztes Mal unerwartet beendet.</translation>
    </message>
    <message>
      <source>The prompt is empty.</source>
      <translation>Der Prompt ist leer.</translation>
    </message>
    <message>
      <source>The queue is empty.</source>
      <translation>Die Warteschlange ist leer.</translation>
    </message>
    <message>
      <source>The recipe of {name} is the one that is set already.</source>
      <translation>Das Rezept von {name} ist bereits eingestellt.</translation>
    </message>
    <message>
      <source>The recipe starts from call {call}: change it, then Generate.</source>
      <translation>Das Rezept beginnt bei Aufruf {call}: ändern, dann „Erzeugen“.</translation>
    </message>
    <message>
      <source>The recipe starts from {name}.</source>
      <translation>Das Rezept geht von {name} aus.</translation>
    </message>
    <message>
      <source>The recipe, EXIF data and how it was upscaled</source>
      <translation>Das Rezept, EXIF-Daten und wie hochskaliert wurde</translation>
    </message>
    <message>
      <source>The run ends after at most this many network evaluations</source>
      <translation>Der Lauf endet spätestens nach so vielen Netzauswertungen</translation>
    </message>
    <message>
      <source>The run failed.</source>
      <translation>Der Lauf ist fehlgeschlagen.</translation>
    </message>
    <message>
      <source>The run is finished.</source>
      <translation>Der Lauf ist fertig.</translation>
    </message>
    <message>
      <source>The run was cancelled.</source>
      <translation>Der Lauf wurde abgebrochen.</translation>
    </message>
    <message>
      <source>The run was stopped.</source>
      <translation>Der Lauf wurde gestoppt.</translation>
    </message>
    <message>
      <source>The second half of the members see the image mirrored: steadier, and the spread tells more; the image is encoded twice</source>
      <translation>Die zweite Hälfte der Mitglieder sieht das Bild gespiegelt: ruhiger, und die Streuung sagt mehr; das Bild wird zweimal kodiert</translation>
    </message>
    <message>
      <source>The sine-cosine positions are those of one image, not of a video.</source>
      <translation>Die Sinus-Kosinus-Positionen sind die eines Bildes, nicht eines Videos.</translation>
    </message>
    <message>
      <source>The spread of the ensemble is shown here once there is depth.</source>
      <translation>Hier erscheint die Streuung des Ensembles, sobald es Tiefe gibt.</translation>
    </message>
    <message>
      <source>The start image {image_file} was not found.</source>
      <translation>Das Startbild {image_file} wurde nicht gefunden.</translation>
    </message>
    <message>
      <source>The states of a run are noisy as they are.</source>
      <translation>Die Zustände eines Laufs sind schon verrauscht.</translation>
    </message>
    <message>
      <source>The strong prediction skips as many patches as the weak one, or more, so the guidance leads the wrong way.</source>
      <translation>Die starke Vorhersage überspringt so viele Patches wie die schwache oder mehr, daher führt die Guidance in die falsche Richtung.</translation>
    </message>
    <message>
      <source>The surest patches are kept first. Dashed: the best possible order.</source>
      <translation>Die sichersten Patches bleiben zuerst. Gestrichelt: die bestmögliche Reihenfolge.</translation>
    </message>
    <message>
      <source>The trace holds every call: its maps, states, predictions and the recipe.</source>
      <translation>Die Aufzeichnung enthält jeden Aufruf: Karten, Zustände, Vorhersagen und das Rezept.</translation>
    </message>
    <message>
      <source>The trace is of a model with other latents or other patches.</source>
      <translation>Die Aufzeichnung stammt von einem Modell mit anderen Latents oder Patches.</translation>
    </message>
    <message>
      <source>The trace of this run is not on disk.</source>
      <translation>Die Aufzeichnung dieses Laufs ist nicht gespeichert.</translation>
    </message>
    <message>
      <source>The trace was recorded without states, so it cannot be branched at this call.</source>
      <translation>Die Aufzeichnung enthält keine Zustände und lässt sich bei diesem Aufruf nicht verzweigen.</translation>
    </message>
    <message>
      <source>The trace {trace} was not found: this starts from noise instead.</source>
      <translation>Die Aufzeichnung {trace} wurde nicht gefunden: stattdessen beginnt es mit Rauschen.</translation>
    </message>
    <message>
      <source>The true velocity of {name} is not known here. Choose a generator.</source>
      <translation>Die wahre Geschwindigkeit von {name} ist hier nicht bekannt. Einen Generator wählen.</translation>
    </message>
    <message>
      <source>The upsampler {model} is not installed here.</source>
      <translation>Der Upsampler {model} ist hier nicht installiert.</translation>
    </message>
    <message>
      <source>The video could not be begun: OpenCV has no VP9 encoder, or the disk is full.</source>
      <translation>Das Video ließ sich nicht beginnen: OpenCV hat keinen VP9-Encoder, oder der Datenträger ist voll.</translation>
    </message>
    <message>
      <source>The video has no frames.</source>
      <translation>Das Video hat keine Einzelbilder.</translation>
    </message>
    <message>
      <source>The video shows nothing.</source>
      <translation>Das Video zeigt nichts.</translation>
    </message>
    <message>
      <source>The weights may be damaged; with low precision, try float32.</source>
      <translation>Vielleicht sind die Gewichte beschädigt; bei niedriger Genauigkeit float32 versuchen.</translation>
    </message>
    <message>
      <source>The whole run</source>
      <translation>Der ganze Lauf</translation>
    </message>
    <message>
      <source>Theme</source>
      <translation>Design</translation>
    </message>
    <message>
      <source>Then</source>
      <translation>Dann</translation>
    </message>
    <message>
      <source>There is no class “{typed}”.</source>
      <translation>Eine Klasse „{typed}“ gibt es nicht.</translation>
    </message>
    <message>
      <source>There is no finished run to export.</source>
      <translation>Es gibt keinen fertigen Lauf zum Exportieren.</translation>
    </message>
    <message>
      <source>There is no image on the clipboard.</source>
      <translation>In der Zwischenablage ist kein Bild.</translation>
    </message>
    <message>
      <source>There is no image.</source>
      <translation>Es gibt kein Bild.</translation>
    </message>
    <message>
      <source>There is not enough memory for this run.</source>
      <translation>Für diesen Lauf reicht der Speicher nicht.</translation>
    </message>
    <message>
      <source>These two cannot be subtracted: one of them is not known.</source>
      <translation>Die Differenz ist nicht möglich: eines von beiden ist nicht bekannt.</translation>
    </message>
    <message>
      <source>This call</source>
      <translation>Dieser Aufruf</translation>
    </message>
    <message>
      <source>This file exists and will be replaced.</source>
      <translation>Diese Datei gibt es schon; sie wird ersetzt.</translation>
    </message>
    <message>
      <source>This guidance does not use the negative prompt.</source>
      <translation>Diese Guidance verwendet den negativen Prompt nicht.</translation>
    </message>
    <message>
      <source>This guidance needs a model of transformer blocks that it can disturb.</source>
      <translation>Diese Guidance braucht ein Modell aus Transformer-Blöcken, die sie stören kann.</translation>
    </message>
    <message>
      <source>This guidance needs a model that predicts its difficulty.</source>
      <translation>Diese Guidance braucht ein Modell, das seine Schwierigkeit vorhersagt.</translation>
    </message>
    <message>
      <source>This guidance needs a model that takes classes.</source>
      <translation>Diese Guidance braucht ein Modell, das Klassen nimmt.</translation>
    </message>
    <message>
      <source>This guidance needs a model that was trained with a null condition.</source>
      <translation>Diese Guidance braucht ein Modell, das mit einer leeren Bedingung trainiert wurde.</translation>
    </message>
    <message>
      <source>This guidance needs a model that was trained with token routing.</source>
      <translation>Diese Guidance braucht ein Modell, das mit Token-Routing trainiert wurde.</translation>
    </message>
    <message>
      <source>This image</source>
      <translation>Dieses Bild</translation>
    </message>
    <message>
      <source>This layer has no attention</source>
      <translation>Diese Schicht hat keine Attention</translation>
    </message>
    <message>
      <source>This machine has none</source>
      <translation>Auf diesem Rechner nicht vorhanden</translation>
    </message>
    <message>
      <source>This model does not tell it</source>
      <translation>Dieses Modell sagt es nicht</translation>
    </message>
    <message>
      <source>This model does not tell this. Choose another map.</source>
      <translation>Dieses Modell sagt das nicht. Eine andere Karte wählen.</translation>
    </message>
    <message>
      <source>This model has no classes. Choose one that has.</source>
      <translation>Dieses Modell hat keine Klassen. Eines wählen, das welche hat.</translation>
    </message>
    <message>
      <source>This model knows only one time per image, but its patches have different times.</source>
      <translation>Dieses Modell kennt nur eine Zeit je Bild, aber seine Patches haben verschiedene Zeiten.</translation>
    </message>
    <message>
      <source>This model predicts no difficulty.</source>
      <translation>Dieses Modell sagt keine Schwierigkeit vorher.</translation>
    </message>
    <message>
      <source>This model was trained without a null condition, so it cannot be guided.</source>
      <translation>Dieses Modell wurde ohne leere Bedingung trainiert und lässt sich daher nicht führen.</translation>
    </message>
    <message>
      <source>This run cannot be branched yet.</source>
      <translation>Dieser Lauf lässt sich noch nicht verzweigen.</translation>
    </message>
    <message>
      <source>This run has no final image.</source>
      <translation>Dieser Lauf hat kein fertiges Bild.</translation>
    </message>
    <message>
      <source>This run holds no states.</source>
      <translation>Dieser Lauf enthält keine Zustände.</translation>
    </message>
    <message>
      <source>This run is an example. Press Generate for one of your own.</source>
      <translation>Dieser Lauf ist ein Beispiel. „Erzeugen“ drücken für einen eigenen.</translation>
    </message>
    <message>
      <source>This run is too large to keep its states: the maps are recorded.</source>
      <translation>Dieser Lauf ist zu groß, um seine Zustände zu behalten: die Karten werden aufgezeichnet.</translation>
    </message>
    <message>
      <source>This run is too large to record its scan maps.</source>
      <translation>Dieser Lauf ist zu groß, um seine Scankarten aufzuzeichnen.</translation>
    </message>
    <message>
      <source>This run is too large to record its word maps.</source>
      <translation>Dieser Lauf ist zu groß, um seine Wortkarten aufzuzeichnen.</translation>
    </message>
    <message>
      <source>This run's trace holds no images of its calls.</source>
      <translation>Die Aufzeichnung dieses Laufs enthält keine Bilder seiner Aufrufe.</translation>
    </message>
    <message>
      <source>This sampler needs a difficulty head, which the chosen model does not have.</source>
      <translation>Dieser Sampler braucht einen Schwierigkeitskopf, den das gewählte Modell nicht hat.</translation>
    </message>
    <message>
      <source>This sampler needs a difficulty head, which this model does not have.</source>
      <translation>Dieser Sampler braucht einen Schwierigkeitskopf, den dieses Modell nicht hat.</translation>
    </message>
    <message>
      <source>This size is not the one the model was trained for: its position table is stretched, which is an extension and may look worse.</source>
      <translation>Für diese Größe wurde das Modell nicht trainiert: seine Positionstabelle wird gestreckt; das ist eine Erweiterung und kann schlechter aussehen.</translation>
    </message>
    <message>
      <source>This text is not an A1111 parameter line.</source>
      <translation>Dieser Text ist keine A1111-Parameterzeile.</translation>
    </message>
    <message>
      <source>This way of computing is not known here.</source>
      <translation>Diese Art zu rechnen ist hier nicht bekannt.</translation>
    </message>
    <message>
      <source>Threads</source>
      <translation>Threads</translation>
    </message>
    <message>
      <source>Threshold of the spread</source>
      <translation>Schwelle der Streuung</translation>
    </message>
    <message>
      <source>Tile</source>
      <translation>Kachel</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>Zeit</translation>
    </message>
    <message>
      <source>Time and difficulty of one patch</source>
      <translation>Zeit und Schwierigkeit eines Patches</translation>
    </message>
    <message>
      <source>Time and difficulty of the patch over the run</source>
      <translation>Zeit und Schwierigkeit des Patches im Lauf</translation>
    </message>
    <message>
      <source>Time colours</source>
      <translation>Farben der Zeit</translation>
    </message>
    <message>
      <source>Time of sampling on this machine</source>
      <translation>Zeit des Samplings auf diesem Rechner</translation>
    </message>
    <message>
      <source>Time, difficulty, role and speed of every patch in every call, as numbers.</source>
      <translation>Zeit, Schwierigkeit, Rolle und Tempo jedes Patches in jedem Aufruf, als Zahlen.</translation>
    </message>
    <message>
      <source>Timeline panel</source>
      <translation>Zeitleiste</translation>
    </message>
    <message>
      <source>Times</source>
      <translation>Zeiten</translation>
    </message>
    <message>
      <source>Times must lie between 0 and 1, and there must be at least one.</source>
      <translation>Zeiten müssen zwischen 0 und 1 liegen, und es muss mindestens eine geben.</translation>
    </message>
    <message>
      <source>Timestep t</source>
      <translation>Zeitschritt t</translation>
    </message>
    <message>
      <source>Timesteps</source>
      <translation>Zeitschritte</translation>
    </message>
    <message>
      <source>To block</source>
      <translation>Bis Block</translation>
    </message>
    <message>
      <source>To time</source>
      <translation>Bis Zeit</translation>
    </message>
    <message>
      <source>Tokens</source>
      <translation>Tokens</translation>
    </message>
    <message>
      <source>Tokens computed</source>
      <translation>Tokens berechnet</translation>
    </message>
    <message>
      <source>Tokens that really went through the network</source>
      <translation>Tokens, die wirklich durch das Netz gingen</translation>
    </message>
    <message>
      <source>Tolerance</source>
      <translation>Toleranz</translation>
    </message>
    <message>
      <source>Tools</source>
      <translation>Werkzeuge</translation>
    </message>
    <message>
      <source>Trace</source>
      <translation>Aufzeichnung</translation>
    </message>
    <message>
      <source>Trained on</source>
      <translation>Trainiert mit</translation>
    </message>
    <message>
      <source>Training</source>
      <translation>Training</translation>
    </message>
    <message>
      <source>Try another folder.</source>
      <translation>Einen anderen Ordner versuchen.</translation>
    </message>
    <message>
      <source>Try this prompt</source>
      <translation>Diesen Prompt versuchen</translation>
    </message>
    <message>
      <source>Turn Work offline off in the settings.</source>
      <translation>„Offline arbeiten“ in den Einstellungen ausschalten.</translation>
    </message>
    <message>
      <source>Turns latents into images</source>
      <translation>Macht aus latenten Darstellungen Bilder</translation>
    </message>
    <message>
      <source>Two finished columns make a plot.</source>
      <translation>Ab zwei fertigen Spalten gibt es ein Diagramm.</translation>
    </message>
    <message>
      <source>Two moments of a run, or two runs, can be compared here.</source>
      <translation>Hier lassen sich zwei Zeitpunkte eines Laufs oder zwei Läufe vergleichen.</translation>
    </message>
    <message>
      <source>Type it anew.</source>
      <translation>Neu eingeben.</translation>
    </message>
    <message>
      <source>Type where to save it.</source>
      <translation>Eingeben, wohin gespeichert wird.</translation>
    </message>
    <message>
      <source>Uncertain</source>
      <translation>Unsicher</translation>
    </message>
    <message>
      <source>Undo</source>
      <translation>Rückgängig</translation>
    </message>
    <message>
      <source>Undo brings back the one before.</source>
      <translation>„Rückgängig“ holt das vorige zurück.</translation>
    </message>
    <message>
      <source>Undo the last stroke</source>
      <translation>Letzten Strich rückgängig machen</translation>
    </message>
    <message>
      <source>Uniform</source>
      <translation>Einheitlich</translation>
    </message>
    <message>
      <source>Uniform: one time for all. Clean: no noise. Context: one patch of four is noisy, the others are clean</source>
      <translation>Einheitlich: eine Zeit für alle. Sauber: kein Rauschen. Kontext: einer von vier Patches ist verrauscht, die anderen sind sauber</translation>
    </message>
    <message>
      <source>Unset it and download again.</source>
      <translation>Die Variable entfernen und erneut herunterladen.</translation>
    </message>
    <message>
      <source>Up, Down; Ctrl with arrows</source>
      <translation>Auf, Ab; Strg mit Pfeiltasten</translation>
    </message>
    <message>
      <source>Upsampler</source>
      <translation>Upsampler</translation>
    </message>
    <message>
      <source>Upscale</source>
      <translation>Hochskalieren</translation>
    </message>
    <message>
      <source>Upscale all</source>
      <translation>Alle hochskalieren</translation>
    </message>
    <message>
      <source>Upscale dropped images immediately</source>
      <translation>Abgelegte Bilder sofort hochskalieren</translation>
    </message>
    <message>
      <source>Upscale the shown image only</source>
      <translation>Nur das gezeigte Bild hochskalieren</translation>
    </message>
    <message>
      <source>Upscale this image</source>
      <translation>Dieses Bild hochskalieren</translation>
    </message>
    <message>
      <source>Upscaled</source>
      <translation>Hochskaliert</translation>
    </message>
    <message>
      <source>Upscales images</source>
      <translation>Vergrößert Bilder</translation>
    </message>
    <message>
      <source>Upscaling</source>
      <translation>Hochskalieren</translation>
    </message>
    <message>
      <source>Upscaling steps</source>
      <translation>Schritte beim Hochskalieren</translation>
    </message>
    <message>
      <source>Use 0, 1, 2 and 3.</source>
      <translation>0, 1, 2 und 3 verwenden.</translation>
    </message>
    <message>
      <source>Use 1 to 120.</source>
      <translation>1 bis 120 verwenden.</translation>
    </message>
    <message>
      <source>Use a newer version of Patch Forcing Studio.</source>
      <translation>Eine neuere Version von Patch Forcing Studio verwenden.</translation>
    </message>
    <message>
      <source>Use a newer version.</source>
      <translation>Eine neuere Version verwenden.</translation>
    </message>
    <message>
      <source>Use a solver with a fixed number of steps.</source>
      <translation>Einen Löser mit fester Schrittzahl verwenden.</translation>
    </message>
    <message>
      <source>Use as start image</source>
      <translation>Als Startbild verwenden</translation>
    </message>
    <message>
      <source>Use bilinear.</source>
      <translation>„bilinear“ verwenden.</translation>
    </message>
    <message>
      <source>Use euler, heun or scheduled, or a Patch Forcing model.</source>
      <translation>„euler“, „heun“ oder „scheduled“ oder ein Patch-Forcing-Modell verwenden.</translation>
    </message>
    <message>
      <source>Use it as a start image.</source>
      <translation>Als Startbild verwenden.</translation>
    </message>
    <message>
      <source>Use letters, digits, dots, hyphens and underscores.</source>
      <translation>Buchstaben, Ziffern, Punkte, Binde- und Unterstriche verwenden.</translation>
    </message>
    <message>
      <source>Use letters, figures and spaces.</source>
      <translation>Buchstaben, Ziffern und Leerzeichen verwenden.</translation>
    </message>
    <message>
      <source>Use the euler or heun sampler without painted patches, or a Patch Forcing model.</source>
      <translation>Den Sampler „euler“ oder „heun“ ohne bemalte Patches oder ein Patch-Forcing-Modell verwenden.</translation>
    </message>
    <message>
      <source>Use the euler, heun or scheduled sampler.</source>
      <translation>Den Sampler „euler“, „heun“ oder „scheduled“ verwenden.</translation>
    </message>
    <message>
      <source>Use the factor 2, and the size of the latents of the result.</source>
      <translation>Den Faktor 2 und die Größe der Latents des Ergebnisses verwenden.</translation>
    </message>
    <message>
      <source>Use the published file, depthfm-v1.ckpt.</source>
      <translation>Die veröffentlichte Datei depthfm-v1.ckpt verwenden.</translation>
    </message>
    <message>
      <source>Use this recipe</source>
      <translation>Dieses Rezept verwenden</translation>
    </message>
    <message>
      <source>Use uniform noise, or a generator with a time per patch.</source>
      <translation>Einheitliches Rauschen oder einen Generator mit einer Zeit je Patch verwenden.</translation>
    </message>
    <message>
      <source>User guide</source>
      <translation>Handbuch</translation>
    </message>
    <message>
      <source>Velocity |v|</source>
      <translation>Geschwind. |v|</translation>
    </message>
    <message>
      <source>Verify</source>
      <translation>Prüfen</translation>
    </message>
    <message>
      <source>Video</source>
      <translation>Video</translation>
    </message>
    <message>
      <source>View</source>
      <translation>Ansicht</translation>
    </message>
    <message>
      <source>Views</source>
      <translation>Ansichten</translation>
    </message>
    <message>
      <source>Viridis</source>
      <translation>Viridis</translation>
    </message>
    <message>
      <source>Wait for the other one.</source>
      <translation>Auf den anderen warten.</translation>
    </message>
    <message>
      <source>Wait until it is finished.</source>
      <translation>Warten, bis er fertig ist.</translation>
    </message>
    <message>
      <source>Waiting</source>
      <translation>Wartet</translation>
    </message>
    <message>
      <source>Waiting for the download before it.</source>
      <translation>Wartet auf den Download davor.</translation>
    </message>
    <message>
      <source>Waiting in the queue.</source>
      <translation>Wartet in der Warteschlange.</translation>
    </message>
    <message>
      <source>Walk along the path</source>
      <translation>Den Weg entlanggehen</translation>
    </message>
    <message>
      <source>Way</source>
      <translation>Weg</translation>
    </message>
    <message>
      <source>Weak model</source>
      <translation>Schwaches Modell</translation>
    </message>
    <message>
      <source>Weak share</source>
      <translation>Anteil schwach</translation>
    </message>
    <message>
      <source>Weigh by variance</source>
      <translation>Nach Varianz gewichten</translation>
    </message>
    <message>
      <source>Weighted</source>
      <translation>Gewichtet</translation>
    </message>
    <message>
      <source>What a model expects of its error</source>
      <translation>Was ein Modell von seinem Fehler erwartet</translation>
    </message>
    <message>
      <source>What colours the patches</source>
      <translation>Was die Patches färbt</translation>
    </message>
    <message>
      <source>What is compared</source>
      <translation>Was verglichen wird</translation>
    </message>
    <message>
      <source>What is shown</source>
      <translation>Was gezeigt wird</translation>
    </message>
    <message>
      <source>What the columns share</source>
      <translation>Was die Spalten gemeinsam haben</translation>
    </message>
    <message>
      <source>What the image shows</source>
      <translation>Was das Bild zeigt</translation>
    </message>
    <message>
      <source>What the model says of the class or prompt, as it is. Costs one pass.</source>
      <translation>Was das Modell zu Klasse oder Prompt sagt, unverändert. Kostet einen Durchgang.</translation>
    </message>
    <message>
      <source>What the networks of the installed generators cost. Seconds are measured here.</source>
      <translation>Was die Netze der installierten Generatoren kosten. Sekunden werden hier gemessen.</translation>
    </message>
    <message>
      <source>What the next scribble means</source>
      <translation>Was der nächste Strich bedeutet</translation>
    </message>
    <message>
      <source>What the plot prices the columns in</source>
      <translation>Worin das Diagramm die Kosten misst</translation>
    </message>
    <message>
      <source>What to make: type a part of its name, or its number</source>
      <translation>Was erzeugt wird: einen Teil des Namens oder die Nummer eingeben</translation>
    </message>
    <message>
      <source>What would change</source>
      <translation>Was sich ändern würde</translation>
    </message>
    <message>
      <source>When it is added: less and less, always alike, early, or midway</source>
      <translation>Wann es hinzukommt: immer weniger, stets gleich, früh oder auf halbem Weg</translation>
    </message>
    <message>
      <source>Where classes are told best, by the figures of the model's card</source>
      <translation>Wo Klassen am besten erkannt werden, laut den Zahlen auf der Karte des Modells</translation>
    </message>
    <message>
      <source>Where the compute went</source>
      <translation>Verteilung des Rechenaufwands</translation>
    </message>
    <message>
      <source>Where the model struggles.</source>
      <translation>Wo sich das Modell schwertut.</translation>
    </message>
    <message>
      <source>Where the network evaluations went, over the result</source>
      <translation>Wohin die Netzauswertungen gingen, über dem Ergebnis</translation>
    </message>
    <message>
      <source>Where the networks run; auto takes the fastest</source>
      <translation>Wo die Netze laufen; „Auto“ nimmt das schnellste</translation>
    </message>
    <message>
      <source>Whether each patch may have a time of its own</source>
      <translation>Ob jeder Patch eine eigene Zeit haben darf</translation>
    </message>
    <message>
      <source>Which image the classes race for</source>
      <translation>Um welches Bild die Klassen wetteifern</translation>
    </message>
    <message>
      <source>Which images</source>
      <translation>Welche Bilder</translation>
    </message>
    <message>
      <source>Which patches go fast, and which go slow.</source>
      <translation>Welche Patches schnell gehen und welche langsam.</translation>
    </message>
    <message>
      <source>Which patches go first: random, top to bottom, or fast-painted first</source>
      <translation>Welche Patches zuerst gehen: zufällig, von oben nach unten oder schnell bemalte zuerst</translation>
    </message>
    <message>
      <source>Which patches listen to a word of the prompt.</source>
      <translation>Welche Patches auf ein Wort des Prompts hören.</translation>
    </message>
    <message>
      <source>Which patches stay: drawn at every call, once, the weak ones among the strong, spread evenly, or the most difficult</source>
      <translation>Welche Patches bleiben: bei jedem Aufruf gezogen, einmal, die schwachen unter den starken, gleichmäßig verteilt oder die schwierigsten</translation>
    </message>
    <message>
      <source>Which patches the strong and the weak prediction of sparse guidance compute.</source>
      <translation>Welche Patches die starke und die schwache Vorhersage der Sparse Guidance berechnen.</translation>
    </message>
    <message>
      <source>Which way does its time run?</source>
      <translation>In welche Richtung läuft die Zeit?</translation>
    </message>
    <message>
      <source>Width</source>
      <translation>Breite</translation>
    </message>
    <message>
      <source>Wipe</source>
      <translation>Wischen</translation>
    </message>
    <message>
      <source>With one class there is nothing to choose.</source>
      <translation>Bei einer Klasse gibt es nichts zu wählen.</translation>
    </message>
    <message>
      <source>Word</source>
      <translation>Wort</translation>
    </message>
    <message>
      <source>Word maps</source>
      <translation>Wortkarten</translation>
    </message>
    <message>
      <source>Word: {word}</source>
      <translation>Wort: {word}</translation>
    </message>
    <message>
      <source>Words</source>
      <translation>Wörter</translation>
    </message>
    <message>
      <source>Work offline</source>
      <translation>Offline arbeiten</translation>
    </message>
    <message>
      <source>Write e.g. 4:40,12:10,100:1.</source>
      <translation>Zum Beispiel 4:40,12:10,100:1 schreiben.</translation>
    </message>
    <message>
      <source>Write lengths and codes of stretches of patches, such as 34x0,5x1,25x0.</source>
      <translation>Längen und Codes von Patch-Strecken schreiben, etwa 34x0,5x1,25x0.</translation>
    </message>
    <message>
      <source>Write one in each line.</source>
      <translation>In jede Zeile einen schreiben.</translation>
    </message>
    <message>
      <source>Write the recipe into the file</source>
      <translation>Rezept in die Datei schreiben</translation>
    </message>
    <message>
      <source>Writing</source>
      <translation>Schreiben</translation>
    </message>
    <message>
      <source>Your results are kept. If it happens again, please send us the report.</source>
      <translation>Die Ergebnisse sind gesichert. Geschieht es wieder, bitte den Bericht an uns senden.</translation>
    </message>
    <message>
      <source>Your work is kept. Please copy the report and send it to us.</source>
      <translation>Alle Arbeit ist gesichert. Bitte den Bericht kopieren und uns senden.</translation>
    </message>
    <message>
      <source>Zigzag</source>
      <translation>Zickzack</translation>
    </message>
    <message>
      <source>Zoom at the pointer</source>
      <translation>Am Mauszeiger zoomen</translation>
    </message>
    <message>
      <source>a GIF image</source>
      <translation>ein GIF-Bild</translation>
    </message>
    <message>
      <source>a JPEG image</source>
      <translation>ein JPEG-Bild</translation>
    </message>
    <message>
      <source>a PDF document</source>
      <translation>ein PDF-Dokument</translation>
    </message>
    <message>
      <source>a PNG image</source>
      <translation>ein PNG-Bild</translation>
    </message>
    <message>
      <source>a WebP image or a sound</source>
      <translation>ein WebP-Bild oder ein Klang</translation>
    </message>
    <message>
      <source>a configuration is nested too deeply</source>
      <translation>eine Konfiguration ist zu tief verschachtelt</translation>
    </message>
    <message>
      <source>a depth model</source>
      <translation>ein Tiefenmodell</translation>
    </message>
    <message>
      <source>a dictionary is damaged</source>
      <translation>ein Wörterbuch ist beschädigt</translation>
    </message>
    <message>
      <source>a file of an unknown kind</source>
      <translation>eine Datei unbekannter Art</translation>
    </message>
    <message>
      <source>a generator</source>
      <translation>ein Generator</translation>
    </message>
    <message>
      <source>a gzip archive</source>
      <translation>ein gzip-Archiv</translation>
    </message>
    <message>
      <source>a key is nested</source>
      <translation>ein Schlüssel ist verschachtelt</translation>
    </message>
    <message>
      <source>a number</source>
      <translation>eine Zahl</translation>
    </message>
    <message>
      <source>a number in it is not finite</source>
      <translation>eine Zahl darin ist nicht endlich</translation>
    </message>
    <message>
      <source>a tensor claims more values than the file holds</source>
      <translation>ein Tensor gibt mehr Werte an, als die Datei enthält</translation>
    </message>
    <message>
      <source>a tensor's size is damaged</source>
      <translation>die Größe eines Tensors ist beschädigt</translation>
    </message>
    <message>
      <source>a tensor's storage is missing or damaged</source>
      <translation>der Speicher eines Tensors fehlt oder ist beschädigt</translation>
    </message>
    <message>
      <source>a video model</source>
      <translation>ein Videomodell</translation>
    </message>
    <message>
      <source>a web page (a browser may have saved an error page)</source>
      <translation>eine Webseite (vielleicht hat ein Browser eine Fehlerseite gespeichert)</translation>
    </message>
    <message>
      <source>a whole number</source>
      <translation>eine ganze Zahl</translation>
    </message>
    <message>
      <source>about right</source>
      <translation>etwa richtig</translation>
    </message>
    <message>
      <source>about {size}</source>
      <translation>etwa {size}</translation>
    </message>
    <message>
      <source>after a run</source>
      <translation>noch offen</translation>
    </message>
    <message>
      <source>after the first run</source>
      <translation>nach dem ersten Lauf</translation>
    </message>
    <message>
      <source>alike</source>
      <translation>ähnlich</translation>
    </message>
    <message>
      <source>all</source>
      <translation>alles</translation>
    </message>
    <message>
      <source>all layers</source>
      <translation>alle Schichten</translation>
    </message>
    <message>
      <source>an autoencoder</source>
      <translation>ein Autoencoder</translation>
    </message>
    <message>
      <source>an outside object is not a tensor storage</source>
      <translation>ein fremdes Objekt ist kein Tensorspeicher</translation>
    </message>
    <message>
      <source>an upsampler</source>
      <translation>ein Upsampler</translation>
    </message>
    <message>
      <source>another call</source>
      <translation>anderem Aufruf</translation>
    </message>
    <message>
      <source>as the model sees it</source>
      <translation>wie das Modell es sieht</translation>
    </message>
    <message>
      <source>as the settings say</source>
      <translation>wie in den Einstellungen</translation>
    </message>
    <message>
      <source>ask a generator which class an image shows</source>
      <translation>einen Generator fragen, welche Klasse ein Bild zeigt</translation>
    </message>
    <message>
      <source>attention</source>
      <translation>Attention</translation>
    </message>
    <message>
      <source>attention per patch</source>
      <translation>Attention je Patch</translation>
    </message>
    <message>
      <source>attention {attention:.2f}</source>
      <translation>Attention {attention:.2f}</translation>
    </message>
    <message>
      <source>auto</source>
      <translation>auto</translation>
    </message>
    <message>
      <source>before</source>
      <translation>vorher</translation>
    </message>
    <message>
      <source>beside a generator</source>
      <translation>neben einem Generator</translation>
    </message>
    <message>
      <source>bfloat16</source>
      <translation>bfloat16</translation>
    </message>
    <message>
      <source>bicubic</source>
      <translation>bikubisch</translation>
    </message>
    <message>
      <source>both</source>
      <translation>beide</translation>
    </message>
    <message>
      <source>branched from call {call}</source>
      <translation>verzweigt ab Aufruf {call}</translation>
    </message>
    <message>
      <source>brush</source>
      <translation>Pinsel</translation>
    </message>
    <message>
      <source>call {call}</source>
      <translation>Aufruf {call}</translation>
    </message>
    <message>
      <source>call {call}   t {time:.3f}   log σ² {difficulty}</source>
      <translation>Aufruf {call}   t {time:.3f}   log σ² {difficulty}</translation>
    </message>
    <message>
      <source>call {call}   {words}</source>
      <translation>Aufruf {call}   {words}</translation>
    </message>
    <message>
      <source>call {call} of {expected}, patch {row},{column}</source>
      <translation>Aufruf {call} von {expected}, Patch {row},{column}</translation>
    </message>
    <message>
      <source>call {call} of {nfe}</source>
      <translation>Aufruf {call} von {nfe}</translation>
    </message>
    <message>
      <source>call {call} of {total}</source>
      <translation>Aufruf {call} von {total}</translation>
    </message>
    <message>
      <source>call {call} of {total} · live</source>
      <translation>Aufruf {call} von {total} · live</translation>
    </message>
    <message>
      <source>call {call} of {total} · running</source>
      <translation>Aufruf {call} von {total} · läuft</translation>
    </message>
    <message>
      <source>call {call} of {total}, first member</source>
      <translation>Aufruf {call} von {total}, erstes Mitglied</translation>
    </message>
    <message>
      <source>call {call}, first member</source>
      <translation>Aufruf {call}, erstes Mitglied</translation>
    </message>
    <message>
      <source>can't allocate memory</source>
      <translation>Speicher lässt sich nicht belegen</translation>
    </message>
    <message>
      <source>cancelled</source>
      <translation>abgebrochen</translation>
    </message>
    <message>
      <source>class {number}</source>
      <translation>Klasse {number}</translation>
    </message>
    <message>
      <source>clean</source>
      <translation>sauber</translation>
    </message>
    <message>
      <source>clean patches around →</source>
      <translation>saubere Patches ringsum →</translation>
    </message>
    <message>
      <source>clip {c:g} %</source>
      <translation>{c:g} % abschneiden</translation>
    </message>
    <message>
      <source>coloured by</source>
      <translation>Farbe:</translation>
    </message>
    <message>
      <source>colours of the latents</source>
      <translation>Farben der Latents</translation>
    </message>
    <message>
      <source>context</source>
      <translation>Kontext</translation>
    </message>
    <message>
      <source>decay</source>
      <translation>Abklingen</translation>
    </message>
    <message>
      <source>decoded</source>
      <translation>dekodiert</translation>
    </message>
    <message>
      <source>decoded nearby</source>
      <translation>in der Nähe dekodiert</translation>
    </message>
    <message>
      <source>difference {value}</source>
      <translation>Differenz {value}</translation>
    </message>
    <message>
      <source>different</source>
      <translation>anders</translation>
    </message>
    <message>
      <source>difficulty</source>
      <translation>Schwierigkeit</translation>
    </message>
    <message>
      <source>difficulty {difficulty:.2f}</source>
      <translation>Schwierigkeit {difficulty:.2f}</translation>
    </message>
    <message>
      <source>done</source>
      <translation>fertig</translation>
    </message>
    <message>
      <source>downloads</source>
      <translation>Downloads</translation>
    </message>
    <message>
      <source>drag</source>
      <translation>Ziehen</translation>
    </message>
    <message>
      <source>easy</source>
      <translation>leicht</translation>
    </message>
    <message>
      <source>easy {low}</source>
      <translation>leicht {low}</translation>
    </message>
    <message>
      <source>enlarges images</source>
      <translation>vergrößert Bilder</translation>
    </message>
    <message>
      <source>ensemble spread, not calibrated</source>
      <translation>Streuung des Ensembles, nicht kalibriert</translation>
    </message>
    <message>
      <source>equal</source>
      <translation>gleich</translation>
    </message>
    <message>
      <source>error ↑ {low:.2g} to {high:.2g}</source>
      <translation>Fehler ↑ {low:.2g} bis {high:.2g}</translation>
    </message>
    <message>
      <source>estimate the depth of images</source>
      <translation>die Tiefe von Bildern schätzen</translation>
    </message>
    <message>
      <source>estimates the depth of images</source>
      <translation>schätzt die Tiefe von Bildern</translation>
    </message>
    <message>
      <source>exp(ΔA) per patch</source>
      <translation>exp(ΔA) je Patch</translation>
    </message>
    <message>
      <source>failed</source>
      <translation>fehlgeschlagen</translation>
    </message>
    <message>
      <source>far</source>
      <translation>fern</translation>
    </message>
    <message>
      <source>far – near, relative</source>
      <translation>fern – nah, relativ</translation>
    </message>
    <message>
      <source>fast</source>
      <translation>schnell</translation>
    </message>
    <message>
      <source>few</source>
      <translation>wenige</translation>
    </message>
    <message>
      <source>final image</source>
      <translation>fertiges Bild</translation>
    </message>
    <message>
      <source>finished</source>
      <translation>fertig</translation>
    </message>
    <message>
      <source>finishing order</source>
      <translation>Reihenfolge des Fertigwerdens</translation>
    </message>
    <message>
      <source>float16</source>
      <translation>float16</translation>
    </message>
    <message>
      <source>float32</source>
      <translation>float32</translation>
    </message>
    <message>
      <source>forgets</source>
      <translation>vergisst</translation>
    </message>
    <message>
      <source>from Python (pfstudio.nn.zigma_video)</source>
      <translation>aus Python (pfstudio.nn.zigma_video)</translation>
    </message>
    <message>
      <source>from call {call} of {name}</source>
      <translation>ab Aufruf {call} von {name}</translation>
    </message>
    <message>
      <source>from image to depth</source>
      <translation>vom Bild zur Tiefe</translation>
    </message>
    <message>
      <source>from the last session</source>
      <translation>aus der letzten Sitzung</translation>
    </message>
    <message>
      <source>frozen</source>
      <translation>eingefroren</translation>
    </message>
    <message>
      <source>full range</source>
      <translation>voller Bereich</translation>
    </message>
    <message>
      <source>gate</source>
      <translation>Tor</translation>
    </message>
    <message>
      <source>hard</source>
      <translation>schwer</translation>
    </message>
    <message>
      <source>image</source>
      <translation>Bild</translation>
    </message>
    <message>
      <source>it is</source>
      <translation>es ist</translation>
    </message>
    <message>
      <source>it is damaged</source>
      <translation>sie ist beschädigt</translation>
    </message>
    <message>
      <source>it is far longer than a description of weights</source>
      <translation>sie ist viel länger als eine Beschreibung von Gewichten</translation>
    </message>
    <message>
      <source>it is nested too deeply</source>
      <translation>sie ist zu tief verschachtelt</translation>
    </message>
    <message>
      <source>it is no ordinary file</source>
      <translation>sie ist keine gewöhnliche Datei</translation>
    </message>
    <message>
      <source>it names files elsewhere</source>
      <translation>sie nennt Dateien an anderem Ort</translation>
    </message>
    <message>
      <source>it was written by a newer version</source>
      <translation>sie wurde von einer neueren Version geschrieben</translation>
    </message>
    <message>
      <source>its dictionaries have too many keys that are no names</source>
      <translation>ihre Wörterbücher haben zu viele Schlüssel, die keine Namen sind</translation>
    </message>
    <message>
      <source>its header cannot be read</source>
      <translation>ihr Kopf ist nicht lesbar</translation>
    </message>
    <message>
      <source>its header claims more than it holds</source>
      <translation>ihr Kopf gibt mehr an, als sie enthält</translation>
    </message>
    <message>
      <source>its pictures do not fit</source>
      <translation>ihre Bilder passen nicht</translation>
    </message>
    <message>
      <source>its tensors claim more values than the file holds</source>
      <translation>ihre Tensoren geben mehr Werte an, als die Datei enthält</translation>
    </message>
    <message>
      <source>keeps</source>
      <translation>behält</translation>
    </message>
    <message>
      <source>layer</source>
      <translation>Schicht</translation>
    </message>
    <message>
      <source>layer {layer}</source>
      <translation>Schicht {layer}</translation>
    </message>
    <message>
      <source>leads</source>
      <translation>führt</translation>
    </message>
    <message>
      <source>learns {network}, {solver}</source>
      <translation>lernt {network}, {solver}</translation>
    </message>
    <message>
      <source>library scan</source>
      <translation>Durchsicht der Bibliothek</translation>
    </message>
    <message>
      <source>library thumbnails</source>
      <translation>Vorschaubilder der Bibliothek</translation>
    </message>
    <message>
      <source>linear preview</source>
      <translation>lineare Vorschau</translation>
    </message>
    <message>
      <source>little</source>
      <translation>wenig</translation>
    </message>
    <message>
      <source>loading…</source>
      <translation>wird geladen …</translation>
    </message>
    <message>
      <source>lock this range</source>
      <translation>diesen Bereich festlegen</translation>
    </message>
    <message>
      <source>log σ² of each patch in the first call</source>
      <translation>log σ² jedes Patches im ersten Aufruf</translation>
    </message>
    <message>
      <source>log σ² per patch</source>
      <translation>log σ² je Patch</translation>
    </message>
    <message>
      <source>loss behind the leader, 95 % interval</source>
      <translation>Rückstand im Verlust, 95-%-Intervall</translation>
    </message>
    <message>
      <source>make images</source>
      <translation>Bilder erzeugen</translation>
    </message>
    <message>
      <source>make images larger and sharper</source>
      <translation>Bilder größer und schärfer machen</translation>
    </message>
    <message>
      <source>makes images</source>
      <translation>erzeugt Bilder</translation>
    </message>
    <message>
      <source>makes videos</source>
      <translation>erzeugt Videos</translation>
    </message>
    <message>
      <source>many</source>
      <translation>viele</translation>
    </message>
    <message>
      <source>masks</source>
      <translation>Masken</translation>
    </message>
    <message>
      <source>mean error ↑</source>
      <translation>mittlerer Fehler ↑</translation>
    </message>
    <message>
      <source>mean {number}</source>
      <translation>Mittel {number}</translation>
    </message>
    <message>
      <source>measured error ↑</source>
      <translation>gemessener Fehler ↑</translation>
    </message>
    <message>
      <source>measuring</source>
      <translation>Messung</translation>
    </message>
    <message>
      <source>middle</source>
      <translation>Mitte</translation>
    </message>
    <message>
      <source>model name</source>
      <translation>Modellname</translation>
    </message>
    <message>
      <source>model's own</source>
      <translation>eigene</translation>
    </message>
    <message>
      <source>models</source>
      <translation>Modelle</translation>
    </message>
    <message>
      <source>ms per call</source>
      <translation>ms je Aufruf</translation>
    </message>
    <message>
      <source>much</source>
      <translation>viel</translation>
    </message>
    <message>
      <source>natural limits</source>
      <translation>natürliche Grenzen</translation>
    </message>
    <message>
      <source>near</source>
      <translation>nah</translation>
    </message>
    <message>
      <source>near – far, logarithm</source>
      <translation>nah – fern, Logarithmus</translation>
    </message>
    <message>
      <source>near – far, relative</source>
      <translation>nah – fern, relativ</translation>
    </message>
    <message>
      <source>nearest</source>
      <translation>nächster Nachbar</translation>
    </message>
    <message>
      <source>network calls → {most}</source>
      <translation>Netzaufrufe → {most}</translation>
    </message>
    <message>
      <source>network evaluations</source>
      <translation>Netzauswertungen</translation>
    </message>
    <message>
      <source>network evaluations of each patch</source>
      <translation>Netzauswertungen jedes Patches</translation>
    </message>
    <message>
      <source>next</source>
      <translation>als Nächstes</translation>
    </message>
    <message>
      <source>no calls yet</source>
      <translation>noch keine Aufrufe</translation>
    </message>
    <message>
      <source>no limit</source>
      <translation>keine Grenze</translation>
    </message>
    <message>
      <source>no prompt</source>
      <translation>kein Prompt</translation>
    </message>
    <message>
      <source>no scan maps in this run</source>
      <translation>keine Scankarten in diesem Lauf</translation>
    </message>
    <message>
      <source>no word maps in this run</source>
      <translation>keine Wortkarten in diesem Lauf</translation>
    </message>
    <message>
      <source>noise</source>
      <translation>Rauschen</translation>
    </message>
    <message>
      <source>none</source>
      <translation>keine</translation>
    </message>
    <message>
      <source>not a change of the queue</source>
      <translation>keine Änderung der Warteschlange</translation>
    </message>
    <message>
      <source>not a numpy array</source>
      <translation>kein NumPy-Array</translation>
    </message>
    <message>
      <source>not an array of little-endian floats</source>
      <translation>kein Array aus Little-Endian-Gleitkommazahlen</translation>
    </message>
    <message>
      <source>not enough memory</source>
      <translation>nicht genug Speicher</translation>
    </message>
    <message>
      <source>not loaded</source>
      <translation>nicht geladen</translation>
    </message>
    <message>
      <source>not predicted by this model</source>
      <translation>von diesem Modell nicht vorhergesagt</translation>
    </message>
    <message>
      <source>not published</source>
      <translation>nicht veröffentlicht</translation>
    </message>
    <message>
      <source>not saved yet</source>
      <translation>noch nicht gespeichert</translation>
    </message>
    <message>
      <source>not the bytes of an array</source>
      <translation>nicht die Bytes eines Arrays</translation>
    </message>
    <message>
      <source>of unknown name</source>
      <translation>unbekannten Namens</translation>
    </message>
    <message>
      <source>off</source>
      <translation>aus</translation>
    </message>
    <message>
      <source>one per image</source>
      <translation>eine je Bild</translation>
    </message>
    <message>
      <source>one per patch</source>
      <translation>eine je Patch</translation>
    </message>
    <message>
      <source>only a pointer of Git LFS, without the data</source>
      <translation>nur ein Zeiger von Git LFS, ohne die Daten</translation>
    </message>
    <message>
      <source>open</source>
      <translation>offen</translation>
    </message>
    <message>
      <source>opening models</source>
      <translation>Modelle öffnen</translation>
    </message>
    <message>
      <source>or browse…</source>
      <translation>oder durchsuchen …</translation>
    </message>
    <message>
      <source>os error 28</source>
      <translation>OS-Fehler 28</translation>
    </message>
    <message>
      <source>out of memory</source>
      <translation>Speicher erschöpft</translation>
    </message>
    <message>
      <source>overconfident</source>
      <translation>zu zuversichtlich</translation>
    </message>
    <message>
      <source>pass {level} of {levels}</source>
      <translation>Durchgang {level} von {levels}</translation>
    </message>
    <message>
      <source>passes per patch</source>
      <translation>Durchgänge je Patch</translation>
    </message>
    <message>
      <source>patches sorted by</source>
      <translation>Patches nach</translation>
    </message>
    <message>
      <source>path only</source>
      <translation>nur der Weg</translation>
    </message>
    <message>
      <source>per patch</source>
      <translation>je Patch</translation>
    </message>
    <message>
      <source>pfstudio models list shows what is installed.</source>
      <translation>„pfstudio models list“ zeigt, was installiert ist.</translation>
    </message>
    <message>
      <source>pinned</source>
      <translation>angeheftet</translation>
    </message>
    <message>
      <source>place</source>
      <translation>Ort</translation>
    </message>
    <message>
      <source>point at a word of the prompt</source>
      <translation>auf ein Wort des Prompts zeigen</translation>
    </message>
    <message>
      <source>predicted variance →</source>
      <translation>vorhergesagte Varianz →</translation>
    </message>
    <message>
      <source>range locked</source>
      <translation>Bereich festgelegt</translation>
    </message>
    <message>
      <source>reach</source>
      <translation>Reichweite</translation>
    </message>
    <message>
      <source>reach of the patch</source>
      <translation>Reichweite des Patches</translation>
    </message>
    <message>
      <source>role</source>
      <translation>Rolle</translation>
    </message>
    <message>
      <source>running</source>
      <translation>läuft</translation>
    </message>
    <message>
      <source>safetensors of the members' latents</source>
      <translation>safetensors der Latents der Mitglieder</translation>
    </message>
    <message>
      <source>saved</source>
      <translation>gespeichert</translation>
    </message>
    <message>
      <source>saving results</source>
      <translation>Ergebnisse speichern</translation>
    </message>
    <message>
      <source>seed {seed}</source>
      <translation>Seed {seed}</translation>
    </message>
    <message>
      <source>share kept →</source>
      <translation>behaltener Anteil →</translation>
    </message>
    <message>
      <source>shut</source>
      <translation>zu</translation>
    </message>
    <message>
      <source>similarity {similarity:.2f}</source>
      <translation>Ähnlichkeit {similarity:.2f}</translation>
    </message>
    <message>
      <source>skipped</source>
      <translation>entfällt</translation>
    </message>
    <message>
      <source>slow</source>
      <translation>langsam</translation>
    </message>
    <message>
      <source>something else</source>
      <translation>etwas anderes</translation>
    </message>
    <message>
      <source>start image, as the model sees it</source>
      <translation>Startbild, wie das Modell es sieht</translation>
    </message>
    <message>
      <source>step {step} of {steps}</source>
      <translation>Schritt {step} von {steps}</translation>
    </message>
    <message>
      <source>still</source>
      <translation>ruhig</translation>
    </message>
    <message>
      <source>stopped</source>
      <translation>gestoppt</translation>
    </message>
    <message>
      <source>strength</source>
      <translation>Stärke</translation>
    </message>
    <message>
      <source>strength per patch</source>
      <translation>Stärke je Patch</translation>
    </message>
    <message>
      <source>strong</source>
      <translation>stark</translation>
    </message>
    <message>
      <source>strong only</source>
      <translation>nur stark</translation>
    </message>
    <message>
      <source>the defaults are on</source>
      <translation>es gelten die Standardwerte</translation>
    </message>
    <message>
      <source>the difference</source>
      <translation>die Differenz</translation>
    </message>
    <message>
      <source>the image</source>
      <translation>das Bild</translation>
    </message>
    <message>
      <source>the model's own</source>
      <translation>eigene</translation>
    </message>
    <message>
      <source>the other models were unloaded</source>
      <translation>die anderen Modelle wurden entladen</translation>
    </message>
    <message>
      <source>the pickle calls something that is not a name</source>
      <translation>das Pickle ruft etwas auf, das kein Name ist</translation>
    </message>
    <message>
      <source>the pickle sets attributes of plain data</source>
      <translation>das Pickle setzt Attribute einfacher Daten</translation>
    </message>
    <message>
      <source>the pinned run</source>
      <translation>dem angehefteten Lauf</translation>
    </message>
    <message>
      <source>the pinned run has no map of this word</source>
      <translation>der angeheftete Lauf hat keine Karte dieses Wortes</translation>
    </message>
    <message>
      <source>the result</source>
      <translation>das Ergebnis</translation>
    </message>
    <message>
      <source>the whole run</source>
      <translation>der ganze Lauf</translation>
    </message>
    <message>
      <source>there is no layer</source>
      <translation>es gibt keine Schicht</translation>
    </message>
    <message>
      <source>there is not one line for each patch</source>
      <translation>nicht jeder Patch hat eine Zeile</translation>
    </message>
    <message>
      <source>this call</source>
      <translation>dieser Aufruf</translation>
    </message>
    <message>
      <source>this guidance has none</source>
      <translation>diese Guidance hat keine</translation>
    </message>
    <message>
      <source>this model predicts no difficulty</source>
      <translation>dieses Modell sagt keine Schwierigkeit vorher</translation>
    </message>
    <message>
      <source>tile {tile} of {tiles}</source>
      <translation>Kachel {tile} von {tiles}</translation>
    </message>
    <message>
      <source>time</source>
      <translation>Zeit</translation>
    </message>
    <message>
      <source>time {time:g}</source>
      <translation>Zeit {time:g}</translation>
    </message>
    <message>
      <source>to {seed}</source>
      <translation>bis {seed}</translation>
    </message>
    <message>
      <source>together</source>
      <translation>gemeinsam</translation>
    </message>
    <message>
      <source>tokens</source>
      <translation>Tokens</translation>
    </message>
    <message>
      <source>true or false</source>
      <translation>wahr oder falsch</translation>
    </message>
    <message>
      <source>turns latents into images</source>
      <translation>macht aus Latents Bilder</translation>
    </message>
    <message>
      <source>uncertain {top}+</source>
      <translation>unsicher {top}+</translation>
    </message>
    <message>
      <source>unconditional</source>
      <translation>ohne Vorgabe</translation>
    </message>
    <message>
      <source>underconfident</source>
      <translation>zu vorsichtig</translation>
    </message>
    <message>
      <source>unlike</source>
      <translation>anders</translation>
    </message>
    <message>
      <source>unsaved</source>
      <translation>nicht gespeichert</translation>
    </message>
    <message>
      <source>variance, error ↑</source>
      <translation>Varianz, Fehler ↑</translation>
    </message>
    <message>
      <source>waiting</source>
      <translation>wartet</translation>
    </message>
    <message>
      <source>weak only</source>
      <translation>nur schwach</translation>
    </message>
    <message>
      <source>what is left at the chosen patch</source>
      <translation>was beim gewählten Patch übrig ist</translation>
    </message>
    <message>
      <source>what is written</source>
      <translation>Geschriebenes</translation>
    </message>
    <message>
      <source>wheel, + and -</source>
      <translation>Mausrad, + und -</translation>
    </message>
    <message>
      <source>whole image</source>
      <translation>ganzes Bild</translation>
    </message>
    <message>
      <source>with</source>
      <translation>mit</translation>
    </message>
    <message>
      <source>with pfstudio depth</source>
      <translation>mit „pfstudio depth“</translation>
    </message>
    <message>
      <source>with pfstudio generate</source>
      <translation>mit „pfstudio generate“</translation>
    </message>
    <message>
      <source>with pfstudio upscale</source>
      <translation>mit „pfstudio upscale“</translation>
    </message>
    <message>
      <source>write what the layers of a model hold of images</source>
      <translation>schreiben, was die Schichten eines Modells von Bildern enthalten</translation>
    </message>
    <message>
      <source>{address} is on the web, not on this machine.</source>
      <translation>{address} ist im Web, nicht auf diesem Rechner.</translation>
    </message>
    <message>
      <source>{before}; image {image}: row {row}, column {column}, similarity {similarity:.2f}</source>
      <translation>{before}; Bild {image}: Zeile {row}, Spalte {column}, Ähnlichkeit {similarity:.2f}</translation>
    </message>
    <message>
      <source>{behind}, out</source>
      <translation>{behind}, raus</translation>
    </message>
    <message>
      <source>{c:g} % of the patches</source>
      <translation>{c:g} % der Patches</translation>
    </message>
    <message>
      <source>{count} of {limit} tokens</source>
      <translation>{count} von {limit} Tokens</translation>
    </message>
    <message>
      <source>{count} of {limit} tokens, the last {over} are not read</source>
      <translation>{count} von {limit} Tokens, die letzten {over} werden nicht gelesen</translation>
    </message>
    <message>
      <source>{count} of {total} were not saved: {why}</source>
      <translation>{count} von {total} wurden nicht gespeichert: {why}</translation>
    </message>
    <message>
      <source>{count}: {names}, …</source>
      <translation>{count}: {names}, …</translation>
    </message>
    <message>
      <source>{difference} So exactly as then is not possible: bits may differ.</source>
      <translation>{difference} Genau wie damals geht daher nicht: Bits können abweichen.</translation>
    </message>
    <message numerus="yes">
      <source>{done} of %n images are upscaled</source>
      <translation>
        <numerusform>{done} von %n Bild hochskaliert</numerusform>
        <numerusform>{done} von %n Bildern hochskaliert</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>{done} of %n images have depth</source>
      <translation>
        <numerusform>{done} von %n Bild mit Tiefe</numerusform>
        <numerusform>{done} von %n Bildern mit Tiefe</numerusform>
      </translation>
    </message>
    <message>
      <source>{done} of {expected}</source>
      <translation>{done} von {expected}</translation>
    </message>
    <message>
      <source>{done} of {total}</source>
      <translation>{done} von {total}</translation>
    </message>
    <message>
      <source>{factor} × by {model}</source>
      <translation>{factor} × mit {model}</translation>
    </message>
    <message>
      <source>{factor} × in {time}</source>
      <translation>{factor} × in {time}</translation>
    </message>
    <message>
      <source>{first} or {second}</source>
      <translation>{first} oder {second}</translation>
    </message>
    <message>
      <source>{first} to {last}, between {low} and {high}</source>
      <translation>{first} bis {last}, zwischen {low} und {high}</translation>
    </message>
    <message>
      <source>{high} hard</source>
      <translation>{high} schwer</translation>
    </message>
    <message>
      <source>{item}, starred</source>
      <translation>{item}, mit Stern</translation>
    </message>
    <message>
      <source>{keys} already belongs to {what}.</source>
      <translation>{keys} gehört schon zu „{what}“.</translation>
    </message>
    <message>
      <source>{label} (reference)</source>
      <translation>{label} (Referenz)</translation>
    </message>
    <message>
      <source>{label}: {masks}</source>
      <translation>{label}: {masks}</translation>
    </message>
    <message>
      <source>{length:.0f} px · band: ± spread</source>
      <translation>{length:.0f} px · Band: ± Streuung</translation>
    </message>
    <message>
      <source>{low} to {high}</source>
      <translation>{low} bis {high}</translation>
    </message>
    <message>
      <source>{model} · {sampler} · seed {seed}</source>
      <translation>{model} · {sampler} · Seed {seed}</translation>
    </message>
    <message>
      <source>{model} · {sampler} · seed {seed} · stopped</source>
      <translation>{model} · {sampler} · Seed {seed} · gestoppt</translation>
    </message>
    <message>
      <source>{name!r} cannot be the name of a preset.</source>
      <translation>{name!r} kann keine Voreinstellung heißen.</translation>
    </message>
    <message>
      <source>{names} and {more} more</source>
      <translation>{names} und {more} weitere</translation>
    </message>
    <message>
      <source>{name} (negative: {negative})</source>
      <translation>{name} (negativ: {negative})</translation>
    </message>
    <message>
      <source>{name} cannot be read.</source>
      <translation>{name} ist nicht lesbar.</translation>
    </message>
    <message>
      <source>{name} contains no generation settings. Start from this image?</source>
      <translation>{name} enthält keine Erzeugungseinstellungen. Von diesem Bild ausgehen?</translation>
    </message>
    <message>
      <source>{name} could not be moved to the trash ({why}).</source>
      <translation>{name} ließ sich nicht in den Papierkorb legen ({why}).</translation>
    </message>
    <message>
      <source>{name} could not be put back ({why}).</source>
      <translation>{name} ließ sich nicht zurücklegen ({why}).</translation>
    </message>
    <message>
      <source>{name} could not be put back.</source>
      <translation>{name} ließ sich nicht zurücklegen.</translation>
    </message>
    <message>
      <source>{name} could not be timed.</source>
      <translation>{name} ließ sich nicht messen.</translation>
    </message>
    <message>
      <source>{name} does not end in {suffixes}.</source>
      <translation>{name} endet nicht auf {suffixes}.</translation>
    </message>
    <message>
      <source>{name} fits either direction and does not say which is its own. Read the wrong way it makes nothing but noise. The answer is kept beside it, as {kept}, so that you are asked only once.</source>
      <translation>{name} passt zu beiden Richtungen und sagt nicht, welche die eigene ist. Falsch herum gelesen entsteht nur Rauschen. Die Antwort wird daneben als {kept} gespeichert, damit nur einmal gefragt wird.</translation>
    </message>
    <message>
      <source>{name} has one time for the whole image.</source>
      <translation>{name} hat eine Zeit für das ganze Bild.</translation>
    </message>
    <message>
      <source>{name} is intact: its weights match their check sum.</source>
      <translation>{name} ist unversehrt: Die Gewichte stimmen mit ihrer Prüfsumme überein.</translation>
    </message>
    <message>
      <source>{name} is not a file that this window opens.</source>
      <translation>{name} ist keine Datei, die dieses Fenster öffnet.</translation>
    </message>
    <message numerus="yes">
      <source>{name} leads. %n classes are in the race.</source>
      <translation>
        <numerusform>{name} führt. %n Klasse ist im Rennen.</numerusform>
        <numerusform>{name} führt. %n Klassen sind im Rennen.</numerusform>
      </translation>
    </message>
    <message>
      <source>{name} makes videos, and can be used from Python only.</source>
      <translation>{name} erzeugt Videos und lässt sich nur aus Python nutzen.</translation>
    </message>
    <message>
      <source>{name} or {other}: too close to call.</source>
      <translation>{name} oder {other}: zu knapp.</translation>
    </message>
    <message>
      <source>{name} predicts no error. Choose a model with a difficulty head.</source>
      <translation>{name} sagt keinen Fehler vorher. Ein Modell mit Schwierigkeitskopf wählen.</translation>
    </message>
    <message>
      <source>{name} turns latents into images; choose it with a model that needs it.</source>
      <translation>{name} macht aus Latents Bilder; zusammen mit einem Modell wählen, das es braucht.</translation>
    </message>
    <message>
      <source>{name} · {share:.0f} %</source>
      <translation>{name} · {share:.0f} %</translation>
    </message>
    <message>
      <source>{name} · {width} × {height} px</source>
      <translation>{name} · {width} × {height} px</translation>
    </message>
    <message>
      <source>{name}: {cost} per image, RMSE {error:.2f}</source>
      <translation>{name}: {cost} je Bild, RMSE {error:.2f}</translation>
    </message>
    <message>
      <source>{name}: {cost} per image, the reference</source>
      <translation>{name}: {cost} je Bild, die Referenz</translation>
    </message>
    <message>
      <source>{name}: {numbers} to {numbers_2}</source>
      <translation>{name}: {numbers} bis {numbers_2}</translation>
    </message>
    <message>
      <source>{number:,} of {count:,}</source>
      <translation>{number:,} von {count:,}</translation>
    </message>
    <message>
      <source>{number} of {count}</source>
      <translation>{number} von {count}</translation>
    </message>
    <message>
      <source>{page} files</source>
      <translation>{page}: Dateien</translation>
    </message>
    <message>
      <source>{page} page</source>
      <translation>Seite „{page}“</translation>
    </message>
    <message numerus="yes">
      <source>{page}: {done} of %n images done.</source>
      <translation>
        <numerusform>{page}: {done} von %n Bild fertig.</numerusform>
        <numerusform>{page}: {done} von %n Bildern fertig.</numerusform>
      </translation>
    </message>
    <message>
      <source>{path} is not a full path.</source>
      <translation>{path} ist kein vollständiger Pfad.</translation>
    </message>
    <message numerus="yes">
      <source>{path}, %n directions</source>
      <translation>
        <numerusform>{path}, %n Richtung</numerusform>
        <numerusform>{path}, %n Richtungen</numerusform>
      </translation>
    </message>
    <message>
      <source>{place}   {spent:,.0f} tokens</source>
      <translation>{place}   {spent:,.0f} Tokens</translation>
    </message>
    <message>
      <source>{progress} · {time} left</source>
      <translation>{progress} · noch {time}</translation>
    </message>
    <message>
      <source>{rank} of {count}</source>
      <translation>{rank} von {count}</translation>
    </message>
    <message>
      <source>{result}; failed: {names}.</source>
      <translation>{result}; fehlgeschlagen: {names}.</translation>
    </message>
    <message>
      <source>{run_name} · call {call}</source>
      <translation>{run_name} · Aufruf {call}</translation>
    </message>
    <message>
      <source>{share:.0f} % took {calls}</source>
      <translation>{share:.0f} % brauchten {calls}</translation>
    </message>
    <message>
      <source>{side} px</source>
      <translation>{side} px</translation>
    </message>
    <message>
      <source>{similarity}, one way</source>
      <translation>{similarity}, einseitig</translation>
    </message>
    <message>
      <source>{size} in memory</source>
      <translation>{size} im Speicher</translation>
    </message>
    <message>
      <source>{source} (call {call})</source>
      <translation>{source} (Aufruf {call})</translation>
    </message>
    <message>
      <source>{source} · enlarged by {method}</source>
      <translation>{source} · vergrößert, {method}</translation>
    </message>
    <message>
      <source>{source} · not upscaled yet</source>
      <translation>{source} · noch nicht hochskaliert</translation>
    </message>
    <message>
      <source>{speed}/s</source>
      <translation>{speed}/s</translation>
    </message>
    <message>
      <source>{spent:,.0f} tokens</source>
      <translation>{spent:,.0f} Tokens</translation>
    </message>
    <message>
      <source>{spent:.0f} of {call}</source>
      <translation>{spent:.0f} von {call}</translation>
    </message>
    <message>
      <source>{time:.1f} ms in {precision}</source>
      <translation>{time:.1f} ms in {precision}</translation>
    </message>
    <message>
      <source>{time} left</source>
      <translation>noch {time}</translation>
    </message>
    <message>
      <source>{title}, seed {seed}</source>
      <translation>{title}, Seed {seed}</translation>
    </message>
    <message>
      <source>{title}, seed {seed}, stopped</source>
      <translation>{title}, Seed {seed}, gestoppt</translation>
    </message>
    <message>
      <source>{value:.1f} % of all</source>
      <translation>{value:.1f} % von allen</translation>
    </message>
    <message>
      <source>{what} cannot be opened at once here.</source>
      <translation>{what} lassen sich hier nicht auf einmal öffnen.</translation>
    </message>
    <message>
      <source>{what} {done} of {total}</source>
      <translation>{what}: {done} von {total}</translation>
    </message>
    <message>
      <source>{what} · {columns} × {rows} patches</source>
      <translation>{what} · {columns} × {rows} Patches</translation>
    </message>
    <message>
      <source>{what}, or browse</source>
      <translation>{what} oder durchsuchen</translation>
    </message>
    <message>
      <source>{width} × {height} px becomes {large_width} × {large_height} px</source>
      <translation>{width} × {height} px wird {large_width} × {large_height} px</translation>
    </message>
    <message>
      <source>{width} × {height} px · {model}</source>
      <translation>{width} × {height} px · {model}</translation>
    </message>
    <message>
      <source>{words}. Click for colour map, range and clipping.</source>
      <translation>{words}. Klicken für Farbtabelle, Bereich und Abschneiden.</translation>
    </message>
    <message>
      <source>{words}. Click to show it in timeline and inspector.</source>
      <translation>{words}. Klicken zeigt ihn in Zeitleiste und Inspektor.</translation>
    </message>
    <message>
      <source>|SiLU(z)| per patch</source>
      <translation>|SiLU(z)| je Patch</translation>
    </message>
    <message>
      <source>|after − bicubic|, mean {mean:.2f} of 255</source>
      <translation>|nachher − bikubisch|, Mittel {mean:.2f} von 255</translation>
    </message>
    <message>
      <source>|{here} − {other}|, mean {mean}</source>
      <translation>|{here} − {other}|, Mittel {mean}</translation>
    </message>
    <message>
      <source>|{here} − {other}|, mean {mean} of 255</source>
      <translation>|{here} − {other}|, Mittel {mean} von 255</translation>
    </message>
    <message>
      <source>|{here} − {other}|, mean {mean} of the patches</source>
      <translation>|{here} − {other}|, Mittel {mean} der Patches</translation>
    </message>
    <message>
      <source>|ΔBx| per patch, mean 1</source>
      <translation>|ΔBx| je Patch, im Mittel 1</translation>
    </message>
    <message>
      <source>± ensemble std</source>
      <translation>± Std. Ensemble</translation>
    </message>
  </context>
  <context>
    <name>sentences</name>
    <message>
      <source>, {1} images</source>
      <translation>, {1} Bilder</translation>
    </message>
    <message>
      <source>1 to {1}</source>
      <translation>1 bis {1}</translation>
    </message>
    <message>
      <source>A branch makes as many images as the run that it starts from: {1}, not {2}.</source>
      <translation>Eine Verzweigung macht so viele Bilder wie der Lauf, von dem sie ausgeht: {1}, nicht {2}.</translation>
    </message>
    <message>
      <source>A depth network cannot have the widths {1} with {2} heads.</source>
      <translation>Ein Tiefennetz kann nicht die Breiten {1} mit {2} Köpfen haben.</translation>
    </message>
    <message>
      <source>A depth network with image features has at most {1} levels.</source>
      <translation>Ein Tiefennetz mit Bildmerkmalen hat höchstens {1} Ebenen.</translation>
    </message>
    <message>
      <source>A latent of {1} x {2} cannot be cut into {3} x {4} patches.</source>
      <translation>Ein Latent von {1} x {2} lässt sich nicht in Patches von {3} x {4} schneiden.</translation>
    </message>
    <message>
      <source>A prompt has {1} letters, but at most {2}.</source>
      <translation>Ein Prompt hat {1} Zeichen, höchstens {2} sind möglich.</translation>
    </message>
    <message>
      <source>A route from block {1} to block {2} does not fit {3} blocks.</source>
      <translation>Eine Route von Block {1} zu Block {2} passt nicht zu {3} Blöcken.</translation>
    </message>
    <message>
      <source>A scan is v2, one of {1} followed by N and how many paths take turns, 1 to 8, or the numbers of all patches, such as 1-4,8-5,9-12.</source>
      <translation>Ein Scan ist v2, eines von {1} gefolgt von N und der Zahl der Wege, die sich abwechseln (1 bis 8), oder die Nummern aller Patches, etwa 1-4,8-5,9-12.</translation>
    </message>
    <message>
      <source>A scan path has at most {1} patches.</source>
      <translation>Ein Scan-Weg hat höchstens {1} Patches.</translation>
    </message>
    <message>
      <source>A tile of {1} pixels is too small.</source>
      <translation>Eine Kachel von {1} Pixeln ist zu klein.</translation>
    </message>
    <message>
      <source>A video's frames must all have one size, not {1}, {2}.</source>
      <translation>Alle Einzelbilder eines Videos müssen gleich groß sein, nicht {1}, {2}.</translation>
    </message>
    <message>
      <source>An image of {1} x {2} pixels cannot be encoded: both sides must be multiples of {3}.</source>
      <translation>Ein Bild von {1} x {2} Pixeln lässt sich nicht kodieren: beide Seiten müssen Vielfache von {3} sein.</translation>
    </message>
    <message>
      <source>An upsampler cannot have the widths {1}, the blocks {2} and patches of {3}.</source>
      <translation>Ein Upsampler kann nicht die Breiten {1}, die Blöcke {2} und Patches von {3} haben.</translation>
    </message>
    <message>
      <source>An upsampler cannot have the widths {1}.</source>
      <translation>Ein Upsampler kann nicht die Breiten {1} haben.</translation>
    </message>
    <message>
      <source>As was said of it, its time runs {1}, and {2}.</source>
      <translation>Wie angegeben läuft seine Zeit {1}, und {2}.</translation>
    </message>
    <message>
      <source>Both sides must be multiples of {1}.</source>
      <translation>Beide Seiten müssen Vielfache von {1} sein.</translation>
    </message>
    <message>
      <source>Call {1} only looked ahead, so the branch starts at call {2}.</source>
      <translation>Aufruf {1} blickte nur voraus, daher beginnt die Verzweigung bei Aufruf {2}.</translation>
    </message>
    <message>
      <source>Choose a folder with {1} and {2}, or a .ckpt or .safetensors file.</source>
      <translation>Einen Ordner mit {1} und {2} oder eine .ckpt- oder .safetensors-Datei wählen.</translation>
    </message>
    <message>
      <source>Choose another name, or remove it first: pfstudio models remove {1}</source>
      <translation>Einen anderen Namen wählen oder es zuerst entfernen: pfstudio models remove {1}</translation>
    </message>
    <message>
      <source>Choose blocks between 1 and {1}, the first one first.</source>
      <translation>Blöcke zwischen 1 und {1} wählen, den ersten zuerst.</translation>
    </message>
    <message>
      <source>Choose one of: {1}.</source>
      <translation>Eines davon wählen: {1}.</translation>
    </message>
    <message>
      <source>Choose {1}.</source>
      <translation>{1} wählen.</translation>
    </message>
    <message>
      <source>Class of {1}</source>
      <translation>Klasse von {1}</translation>
    </message>
    <message>
      <source>Classes are 0 to {1}.</source>
      <translation>Es gibt die Klassen 0 bis {1}.</translation>
    </message>
    <message>
      <source>Conditions of two kinds cannot be mixed: {1} and {2}.</source>
      <translation>Bedingungen zweier Arten lassen sich nicht mischen: {1} und {2}.</translation>
    </message>
    <message>
      <source>Depth of {1}</source>
      <translation>Tiefe von {1}</translation>
    </message>
    <message>
      <source>Did you mean: {1}?</source>
      <translation>Gemeint war vielleicht: {1}?</translation>
    </message>
    <message>
      <source>Download config.json, model.safetensors and the tokenizer's files from {1} into {2}.</source>
      <translation>config.json, model.safetensors und die Dateien des Tokenizers von {1} nach {2} herunterladen.</translation>
    </message>
    <message>
      <source>Every width must be a multiple of {1} and of the number of heads.</source>
      <translation>Jede Breite muss ein Vielfaches von {1} und der Zahl der Köpfe sein.</translation>
    </message>
    <message>
      <source>Every width must be a multiple of {1}.</source>
      <translation>Jede Breite muss ein Vielfaches von {1} sein.</translation>
    </message>
    <message>
      <source>Features of {1}</source>
      <translation>Merkmale von {1}</translation>
    </message>
    <message>
      <source>Fetch it: pfstudio models download {1}</source>
      <translation>Herunterladen mit: pfstudio models download {1}</translation>
    </message>
    <message>
      <source>Give (H, W, {1}) of uint8.</source>
      <translation>(H, W, {1}) in uint8 angeben.</translation>
    </message>
    <message>
      <source>Give a class: {1}.</source>
      <translation>Eine Klasse angeben: {1}.</translation>
    </message>
    <message>
      <source>Give a number, or one for each patch: {1}.</source>
      <translation>Eine Zahl oder eine je Patch angeben: {1}.</translation>
    </message>
    <message>
      <source>Images cannot be saved as {1}.</source>
      <translation>Bilder lassen sich nicht als {1} speichern.</translation>
    </message>
    <message>
      <source>In detail: {1}{2}.</source>
      <translation>Im Einzelnen: {1}{2}.</translation>
    </message>
    <message>
      <source>Installed models: {1}.</source>
      <translation>Installierte Modelle: {1}.</translation>
    </message>
    <message>
      <source>It ran on {1}, but here is {2}.</source>
      <translation>Er lief auf {1}, aber hier ist {2}.</translation>
    </message>
    <message>
      <source>It ran with torch {1}, but here is torch {2}.</source>
      <translation>Er lief mit torch {1}, aber hier ist torch {2}.</translation>
    </message>
    <message>
      <source>Its classes are 0 to {1}.</source>
      <translation>Seine Klassen sind 0 bis {1}.</translation>
    </message>
    <message>
      <source>Its layers are 1 to {1}.</source>
      <translation>Seine Schichten sind 1 bis {1}.</translation>
    </message>
    <message>
      <source>Known are {1}.</source>
      <translation>Bekannt sind {1}.</translation>
    </message>
    <message>
      <source>Known are: {1}.</source>
      <translation>Bekannt sind: {1}.</translation>
    </message>
    <message>
      <source>Known types: {1}.</source>
      <translation>Bekannte Typen: {1}.</translation>
    </message>
    <message>
      <source>Known: {1}.</source>
      <translation>Bekannt: {1}.</translation>
    </message>
    <message>
      <source>Letter {1} of the prompt is no character.</source>
      <translation>Zeichen {1} des Prompts ist kein Schriftzeichen.</translation>
    </message>
    <message>
      <source>Loading {1}</source>
      <translation>Lädt {1}</translation>
    </message>
    <message>
      <source>Memory ran out, so {1}.</source>
      <translation>Der Speicher reichte nicht, daher: {1}.</translation>
    </message>
    <message>
      <source>No depth model is installed: open {1} as its model.</source>
      <translation>Kein Tiefenmodell ist installiert: {1} als Modell öffnen.</translation>
    </message>
    <message>
      <source>Nothing is known about a {1}.</source>
      <translation>Über {1} ist nichts bekannt.</translation>
    </message>
    <message>
      <source>One of the {1} is given twice.</source>
      <translation>Eines der {1} ist doppelt angegeben.</translation>
    </message>
    <message>
      <source>Or fetch it: pfstudio models download {1}</source>
      <translation>Oder herunterladen mit: pfstudio models download {1}</translation>
    </message>
    <message>
      <source>Per-patch timesteps need the {1} solver, not {2}.</source>
      <translation>Zeitschritte je Patch brauchen den Löser {1}, nicht {2}.</translation>
    </message>
    <message>
      <source>Put {1} with the tensor {2} beside it, or use depthfm-v1.ckpt.</source>
      <translation>{1} mit dem Tensor {2} danebenlegen oder depthfm-v1.ckpt verwenden.</translation>
    </message>
    <message>
      <source>Seed is {1}, but must lie between 0 and {2}.</source>
      <translation>Der Seed ist {1}, muss aber zwischen 0 und {2} liegen.</translation>
    </message>
    <message>
      <source>Something went wrong in the program itself ({1}).</source>
      <translation>Im Programm selbst ist etwas schiefgegangen ({1}).</translation>
    </message>
    <message>
      <source>Text encoders of type {1} are not known.</source>
      <translation>Text-Encoder vom Typ {1} sind nicht bekannt.</translation>
    </message>
    <message>
      <source>That is a run of {1}, not of {2}.</source>
      <translation>Das ist ein Lauf von {1}, nicht von {2}.</translation>
    </message>
    <message>
      <source>The autoencoder makes latents {1}, the model needs {2}.</source>
      <translation>Der Autoencoder macht Latents {1}, das Modell braucht {2}.</translation>
    </message>
    <message>
      <source>The autoencoder {1} is not installed, so images are only a rough guess from the latents. {2}</source>
      <translation>Der Autoencoder {1} ist nicht installiert, daher sind Bilder nur grob aus den Latents geschätzt. {2}</translation>
    </message>
    <message>
      <source>The card of {1} gives the resize {2}.</source>
      <translation>Die Karte von {1} nennt die Größenänderung {2}.</translation>
    </message>
    <message>
      <source>The card of {1} holds no check sum.</source>
      <translation>Die Karte von {1} enthält keine Prüfsumme.</translation>
    </message>
    <message>
      <source>The disk is full: {1} was not written.</source>
      <translation>Der Datenträger ist voll: {1} wurde nicht geschrieben.</translation>
    </message>
    <message>
      <source>The disk that holds {1} is full.</source>
      <translation>Der Datenträger mit {1} ist voll.</translation>
    </message>
    <message>
      <source>The download of {1} is paused.</source>
      <translation>Das Herunterladen von {1} ist angehalten.</translation>
    </message>
    <message>
      <source>The field of view is {1} degrees, but must lie between 1 and 179.</source>
      <translation>Der Blickwinkel ist {1} Grad, muss aber zwischen 1 und 179 liegen.</translation>
    </message>
    <message>
      <source>The guidance interval starts at {1} and ends at {2}.</source>
      <translation>Das Guidance-Intervall beginnt bei {1} und endet bei {2}.</translation>
    </message>
    <message>
      <source>The guidance {1} has no masks.</source>
      <translation>Die Guidance {1} hat keine Masken.</translation>
    </message>
    <message>
      <source>The guidance {1} needs a weak model.</source>
      <translation>Die Guidance {1} braucht ein schwaches Modell.</translation>
    </message>
    <message>
      <source>The image has the shape {1} and the type {2}.</source>
      <translation>Das Bild hat die Form {1} und den Typ {2}.</translation>
    </message>
    <message>
      <source>The images have the shape {1} and the type {2}.</source>
      <translation>Die Bilder haben die Form {1} und den Typ {2}.</translation>
    </message>
    <message>
      <source>The last layer of {1} has {2} rows, which fits neither Patch Forcing ({3}) nor its baseline ({4}).</source>
      <translation>Die letzte Schicht von {1} hat {2} Zeilen; das passt weder zu Patch Forcing ({3}) noch zu seiner Vergleichsbasis ({4}).</translation>
    </message>
    <message>
      <source>The last layer of {1} has {2} rows, which fits no ZigMa network.</source>
      <translation>Die letzte Schicht von {1} hat {2} Zeilen; das passt zu keinem ZigMa-Netz.</translation>
    </message>
    <message>
      <source>The last layer of {1} has {2} rows, which fits no patch.</source>
      <translation>Die letzte Schicht von {1} hat {2} Zeilen; das passt zu keinem Patch.</translation>
    </message>
    <message>
      <source>The latent has {1} channels, the model needs {2}.</source>
      <translation>Das Latent hat {1} Kanäle, das Modell braucht {2}.</translation>
    </message>
    <message>
      <source>The latent side {1} is no multiple of the patch {2}.</source>
      <translation>Die Latent-Seite {1} ist kein Vielfaches des Patches {2}.</translation>
    </message>
    <message>
      <source>The list of waiting runs cannot be read ({1})</source>
      <translation>Die Liste der wartenden Läufe ist nicht lesbar ({1})</translation>
    </message>
    <message>
      <source>The mask cannot begin at a spread of {1}: 0 or more.</source>
      <translation>Die Maske kann nicht bei einer Streuung von {1} beginnen: 0 oder mehr.</translation>
    </message>
    <message>
      <source>The masks are those of a run of {1} calls, and this run makes more.</source>
      <translation>Die Masken stammen von einem Lauf mit {1} Aufrufen, dieser Lauf macht mehr.</translation>
    </message>
    <message>
      <source>The masks of {1} are those of a run with other images, patches or routes.</source>
      <translation>Die Masken von {1} stammen von einem Lauf mit anderen Bildern, Patches oder Routen.</translation>
    </message>
    <message>
      <source>The model is made for {1} frames of {2} x {3} latent pixels, not for {4} of {5} x {6}.</source>
      <translation>Das Modell ist für {1} Einzelbilder mit {2} x {3} Latent-Pixeln gemacht, nicht für {4} mit {5} x {6}.</translation>
    </message>
    <message>
      <source>The model returned numbers that are not finite at call {1}.</source>
      <translation>Das Modell lieferte bei Aufruf {1} Zahlen, die nicht endlich sind.</translation>
    </message>
    <message>
      <source>The name {1} is too long.</source>
      <translation>Der Name {1} ist zu lang.</translation>
    </message>
    <message>
      <source>The negative prompt has {1} tokens: only the first {2} are read.</source>
      <translation>Der negative Prompt hat {1} Tokens: nur die ersten {2} werden gelesen.</translation>
    </message>
    <message>
      <source>The noise has the shape {1}, but this request needs ({2}, {3}, H, W) with H and W divisible by {4}.</source>
      <translation>Das Rauschen hat die Form {1}, nötig ist aber ({2}, {3}, H, W) mit H und W teilbar durch {4}.</translation>
    </message>
    <message>
      <source>The noise has the shape {1}, but this request needs {2} and a single pass.</source>
      <translation>Das Rauschen hat die Form {1}, nötig ist aber {2} und ein einziger Durchgang.</translation>
    </message>
    <message>
      <source>The noise has the shape {1}, but this request needs {2}.</source>
      <translation>Das Rauschen hat die Form {1}, nötig ist aber {2}.</translation>
    </message>
    <message>
      <source>The number of heads of {1} cannot be chosen: its card and weights tell it.</source>
      <translation>Die Zahl der Köpfe von {1} ist nicht wählbar: Karte und Gewichte legen sie fest.</translation>
    </message>
    <message>
      <source>The painted map has {1} patches, but the image has {2}.</source>
      <translation>Die bemalte Karte hat {1} Patches, das Bild aber {2}.</translation>
    </message>
    <message>
      <source>The projector's block {1} must lie between 1 and {2}.</source>
      <translation>Der Block {1} des Projektors muss zwischen 1 und {2} liegen.</translation>
    </message>
    <message>
      <source>The prompt has {1} tokens: only the first {2} are read.</source>
      <translation>Der Prompt hat {1} Tokens: nur die ersten {2} werden gelesen.</translation>
    </message>
    <message>
      <source>The recipe in {1} is damaged.</source>
      <translation>Das Rezept in {1} ist beschädigt.</translation>
    </message>
    <message>
      <source>The result is not saved: {1}</source>
      <translation>Das Ergebnis ist nicht gespeichert: {1}</translation>
    </message>
    <message>
      <source>The route from block {1} begins before the one up to block {2} ends.</source>
      <translation>Die Route ab Block {1} beginnt, bevor die bis Block {2} endet.</translation>
    </message>
    <message>
      <source>The run has no image {1}.</source>
      <translation>Der Lauf hat kein Bild {1}.</translation>
    </message>
    <message>
      <source>The scan path has {1} steps, but does not visit patch {2}.</source>
      <translation>Der Scan-Weg hat {1} Schritte, besucht aber Patch {2} nicht.</translation>
    </message>
    <message>
      <source>The scan path visits {1} patches, but the image has {2}.</source>
      <translation>Der Scan-Weg besucht {1} Patches, das Bild hat aber {2}.</translation>
    </message>
    <message>
      <source>The sizes given for {1} are impossible ({2}).</source>
      <translation>Die für {1} angegebenen Größen sind unmöglich ({2}).</translation>
    </message>
    <message>
      <source>The start times have shape {1}, but the latents need {2}.</source>
      <translation>Die Startzeiten haben die Form {1}, die Latents brauchen aber {2}.</translation>
    </message>
    <message>
      <source>The text encoder does not know {1}: describe it in words.</source>
      <translation>Der Text-Encoder kennt {1} nicht: mit Worten beschreiben.</translation>
    </message>
    <message>
      <source>The text encoder {1} cannot be loaded ({2}).</source>
      <translation>Der Text-Encoder {1} lässt sich nicht laden ({2}).</translation>
    </message>
    <message>
      <source>The text encoder {1} is incomplete: {2} and {3} more tensors are missing.</source>
      <translation>Der Text-Encoder {1} ist unvollständig: {2} und {3} weitere Tensoren fehlen.</translation>
    </message>
    <message>
      <source>The time features must be an even number, not {1}.</source>
      <translation>Die Zahl der Zeitmerkmale muss gerade sein, nicht {1}.</translation>
    </message>
    <message>
      <source>The time grid must rise from 0 to 1 in {1} numbers.</source>
      <translation>Das Zeitraster muss in {1} Zahlen von 0 bis 1 steigen.</translation>
    </message>
    <message>
      <source>The times have the shape {1}.</source>
      <translation>Die Zeiten haben die Form {1}.</translation>
    </message>
    <message>
      <source>The times must have shape {1}, one for each patch, not {2}.</source>
      <translation>Die Zeiten müssen die Form {1} haben, eine je Patch, nicht {2}.</translation>
    </message>
    <message>
      <source>The trace has {1} calls, so there is no call {2}.</source>
      <translation>Die Aufzeichnung hat {1} Aufrufe, daher gibt es keinen Aufruf {2}.</translation>
    </message>
    <message>
      <source>The upscaling seed {1} is too large.</source>
      <translation>Der Seed {1} zum Hochskalieren ist zu groß.</translation>
    </message>
    <message>
      <source>The video could not be written: {1} of {2} frames arrived.</source>
      <translation>Das Video ließ sich nicht schreiben: {1} von {2} Einzelbildern kamen an.</translation>
    </message>
    <message>
      <source>The weights of {1} are damaged: they do not match the check sum of its card.</source>
      <translation>Die Gewichte von {1} sind beschädigt: sie passen nicht zur Prüfsumme der Karte.</translation>
    </message>
    <message>
      <source>The width {1} must be a multiple of 4 and of the {2} heads.</source>
      <translation>Die Breite {1} muss ein Vielfaches von 4 und der {2} Köpfe sein.</translation>
    </message>
    <message>
      <source>The width {1} must be a multiple of 4.</source>
      <translation>Die Breite {1} muss ein Vielfaches von 4 sein.</translation>
    </message>
    <message>
      <source>The width {1} must be a multiple of its heads' width {2}, and that of {3}.</source>
      <translation>Die Breite {1} muss ein Vielfaches der Kopfbreite {2} sein und diese eines von {3}.</translation>
    </message>
    <message>
      <source>The {1} of {2} cannot be read.</source>
      <translation>{1} von {2} ist nicht lesbar.</translation>
    </message>
    <message>
      <source>The {1} of {2} is damaged: its shape is {3} instead of (1, N, K), or it holds no numbers.</source>
      <translation>{1} von {2} ist beschädigt: die Form ist {3} statt (1, N, K), oder es enthält keine Zahlen.</translation>
    </message>
    <message>
      <source>The {1} of {2} is {3} wide, but its network needs {4}.</source>
      <translation>{1} von {2} ist {3} breit, das Netz braucht aber {4}.</translation>
    </message>
    <message>
      <source>There already is a model named {1}.</source>
      <translation>Es gibt schon ein Modell namens {1}.</translation>
    </message>
    <message>
      <source>There are no positions {1}.</source>
      <translation>Positionen {1} gibt es nicht.</translation>
    </message>
    <message>
      <source>There are {1} masks for {2} routes.</source>
      <translation>Es gibt {1} Masken für {2} Routen.</translation>
    </message>
    <message>
      <source>There are {1}, e.g. {2}.</source>
      <translation>Es gibt {1}, z. B. {2}.</translation>
    </message>
    <message>
      <source>There is no architecture {1}.</source>
      <translation>Eine Architektur {1} gibt es nicht.</translation>
    </message>
    <message>
      <source>There is no block {1} to disturb: the model has {2}.</source>
      <translation>Es gibt keinen Block {1}, der gestört werden könnte: Das Modell hat {2}.</translation>
    </message>
    <message>
      <source>There is no class named {1}.</source>
      <translation>Eine Klasse namens {1} gibt es nicht.</translation>
    </message>
    <message>
      <source>There is no class {1}.</source>
      <translation>Eine Klasse {1} gibt es nicht.</translation>
    </message>
    <message>
      <source>There is no file or folder {1}.</source>
      <translation>Eine Datei oder einen Ordner {1} gibt es nicht.</translation>
    </message>
    <message>
      <source>There is no image in {1}.</source>
      <translation>In {1} ist kein Bild.</translation>
    </message>
    <message>
      <source>There is no installed model named {1}.</source>
      <translation>Ein Modell namens {1} ist nicht installiert.</translation>
    </message>
    <message>
      <source>There is no kind of condition {1}.</source>
      <translation>Eine Bedingung der Art {1} gibt es nicht.</translation>
    </message>
    <message>
      <source>There is no model or file {1}.</source>
      <translation>Ein Modell oder eine Datei {1} gibt es nicht.</translation>
    </message>
    <message>
      <source>There is no scan {1}.</source>
      <translation>Einen Scan {1} gibt es nicht.</translation>
    </message>
    <message>
      <source>There is no text encoder {1}.</source>
      <translation>Einen Text-Encoder {1} gibt es nicht.</translation>
    </message>
    <message>
      <source>There is no video scan {1}.</source>
      <translation>Es gibt keinen Video-Scan {1}.</translation>
    </message>
    <message>
      <source>There is nothing to download named {1}.</source>
      <translation>Unter dem Namen {1} gibt es nichts herunterzuladen.</translation>
    </message>
    <message>
      <source>These features would fill {1} GB, more than {2} GB.</source>
      <translation>Diese Merkmale würden {1} GB füllen, mehr als {2} GB.</translation>
    </message>
    <message>
      <source>These settings do not fit together ({1}).</source>
      <translation>Diese Einstellungen passen nicht zusammen ({1}).</translation>
    </message>
    <message>
      <source>These settings had unusable values and are the default again: {1}.</source>
      <translation>Diese Einstellungen hatten unbrauchbare Werte und stehen wieder auf dem Standard: {1}.</translation>
    </message>
    <message>
      <source>This is a {1}, but {2} is needed.</source>
      <translation>Dies ist {1}, nötig ist aber {2}.</translation>
    </message>
    <message>
      <source>This is no request that this program knows ({1}).</source>
      <translation>Dies ist kein Auftrag, den dieses Programm kennt ({1}).</translation>
    </message>
    <message>
      <source>This is not a model card (it names no {1}).</source>
      <translation>Dies ist keine Modellkarte ({1} fehlt).</translation>
    </message>
    <message>
      <source>This is not a model card ({1}).</source>
      <translation>Dies ist keine Modellkarte ({1}).</translation>
    </message>
    <message>
      <source>This is not a model card. {1}</source>
      <translation>Dies ist keine Modellkarte. {1}</translation>
    </message>
    <message>
      <source>This is not a {1} of Patch Forcing Studio ({2}).</source>
      <translation>Dies ist kein {1} von Patch Forcing Studio ({2}).</translation>
    </message>
    <message>
      <source>This machine cannot compute exactly as in that run ({1}).</source>
      <translation>Dieser Rechner kann nicht genau wie in jenem Lauf rechnen ({1}).</translation>
    </message>
    <message>
      <source>This machine has no device {1}.</source>
      <translation>Dieser Rechner hat kein Gerät {1}.</translation>
    </message>
    <message>
      <source>This model takes classes, not conditions of kind {1}.</source>
      <translation>Dieses Modell nimmt Klassen, keine Bedingungen der Art {1}.</translation>
    </message>
    <message>
      <source>This model takes no conditions, not even a {1}.</source>
      <translation>Dieses Modell nimmt keine Bedingungen, auch nicht {1}.</translation>
    </message>
    <message>
      <source>This model takes text, not conditions of kind {1}.</source>
      <translation>Dieses Modell nimmt Text, keine Bedingungen der Art {1}.</translation>
    </message>
    <message>
      <source>This model takes texts, not conditions of kind {1}.</source>
      <translation>Dieses Modell nimmt Texte, keine Bedingungen der Art {1}.</translation>
    </message>
    <message>
      <source>This model's classes have no names: give a number, 0 to {1}.</source>
      <translation>Die Klassen dieses Modells haben keine Namen: eine Nummer angeben, 0 bis {1}.</translation>
    </message>
    <message>
      <source>This {1} has schema {2}, but this program reads {3}.</source>
      <translation>{1} hat das Schema {2}, dieses Programm liest aber {3}.</translation>
    </message>
    <message>
      <source>To accept this once: pfstudio models download {1} --accept-licence</source>
      <translation>Einmal annehmen: pfstudio models download {1} --accept-licence</translation>
    </message>
    <message>
      <source>Unknown axes {1}.</source>
      <translation>Unbekannte Achsen {1}.</translation>
    </message>
    <message>
      <source>Unknown colour map {1}.</source>
      <translation>Unbekannte Farbtabelle {1}.</translation>
    </message>
    <message>
      <source>Unknown device {1}.</source>
      <translation>Unbekanntes Gerät {1}.</translation>
    </message>
    <message>
      <source>Unknown format {1}.</source>
      <translation>Unbekanntes Format {1}.</translation>
    </message>
    <message>
      <source>Unknown name {1}.</source>
      <translation>Unbekannter Name {1}.</translation>
    </message>
    <message>
      <source>Unknown quantity {1}.</source>
      <translation>Unbekannte Größe {1}.</translation>
    </message>
    <message>
      <source>Unknown view {1}.</source>
      <translation>Unbekannte Ansicht {1}.</translation>
    </message>
    <message>
      <source>Unknown weights {1}.</source>
      <translation>Unbekannte Gewichte {1}.</translation>
    </message>
    <message>
      <source>Upscaling {1}</source>
      <translation>Skaliert {1} hoch</translation>
    </message>
    <message>
      <source>Use at least {1}.</source>
      <translation>Mindestens {1} verwenden.</translation>
    </message>
    <message>
      <source>Use it {1}; pfstudio models list shows what is installed.</source>
      <translation>Es {1} verwenden; „pfstudio models list“ zeigt, was installiert ist.</translation>
    </message>
    <message>
      <source>Use one of the endings {1}.</source>
      <translation>Eine der Endungen {1} verwenden.</translation>
    </message>
    <message>
      <source>Use one of: {1}, or cuda:1.</source>
      <translation>Eines davon verwenden: {1} oder cuda:1.</translation>
    </message>
    <message>
      <source>Use one of: {1}.</source>
      <translation>Eines davon verwenden: {1}.</translation>
    </message>
    <message>
      <source>Use some of: {1}.</source>
      <translation>Einige davon verwenden: {1}.</translation>
    </message>
    <message>
      <source>Use {1}.</source>
      <translation>{1} verwenden.</translation>
    </message>
    <message>
      <source>between {1} and {2}</source>
      <translation>zwischen {1} und {2}</translation>
    </message>
    <message>
      <source>class {1}</source>
      <translation>Klasse {1}</translation>
    </message>
    <message>
      <source>class · {1} samples at most</source>
      <translation>Klasse · höchstens {1} Proben</translation>
    </message>
    <message>
      <source>depth · {1} members, {2} steps</source>
      <translation>Tiefe · {1} Mitglieder, {2} Schritte</translation>
    </message>
    <message>
      <source>features · {1} noise, time {2}</source>
      <translation>Merkmale · Rauschen {1}, Zeit {2}</translation>
    </message>
    <message>
      <source>it announces {1} bytes</source>
      <translation>sie kündigt {1} Bytes an</translation>
    </message>
    <message>
      <source>it ended after {1} of {2} bytes</source>
      <translation>es kamen nur {1} von {2} Bytes</translation>
    </message>
    <message>
      <source>it has the unknown version {1}</source>
      <translation>sie hat die unbekannte Version {1}</translation>
    </message>
    <message>
      <source>it is larger than {1} MiB</source>
      <translation>sie ist größer als {1} MiB</translation>
    </message>
    <message>
      <source>it is no whole archive: {1}</source>
      <translation>sie ist kein ganzes Archiv: {1}</translation>
    </message>
    <message>
      <source>it is packed in an unknown way: {1}</source>
      <translation>sie ist auf unbekannte Art gepackt: {1}</translation>
    </message>
    <message>
      <source>it unpacks to more than {1} MiB</source>
      <translation>sie wird entpackt größer als {1} MiB</translation>
    </message>
    <message>
      <source>it was saved as {1}</source>
      <translation>sie wurde als {1} gespeichert</translation>
    </message>
    <message>
      <source>its byte {1} is no UTF-8</source>
      <translation>ihr Byte {1} ist kein UTF-8</translation>
    </message>
    <message>
      <source>its {1} does not fit</source>
      <translation>{1} passt nicht</translation>
    </message>
    <message>
      <source>layer {1} does not fit</source>
      <translation>Schicht {1} passt nicht</translation>
    </message>
    <message>
      <source>layer {1} holds no numbers</source>
      <translation>Schicht {1} enthält keine Zahlen</translation>
    </message>
    <message>
      <source>seed {1} · {2} images · {3}, {4} calls</source>
      <translation>Seed {1} · {2} Bilder · {3}, {4} Aufrufe</translation>
    </message>
    <message>
      <source>seed {1} · {2}, {3} calls</source>
      <translation>Seed {1} · {2}, {3} Aufrufe</translation>
    </message>
    <message>
      <source>sides must be divisible by 4, not {1}</source>
      <translation>die Seiten müssen durch 4 teilbar sein, nicht {1}</translation>
    </message>
    <message>
      <source>the attention of layer {1} does not fit</source>
      <translation>die Aufmerksamkeit von Schicht {1} passt nicht</translation>
    </message>
    <message>
      <source>this run goes on in {1}</source>
      <translation>dieser Lauf geht in {1} weiter</translation>
    </message>
    <message>
      <source>upscale · {1}×, {2} steps</source>
      <translation>Hochskalieren · {1}×, {2} Schritte</translation>
    </message>
    <message>
      <source>{1} Images may differ.</source>
      <translation>{1} Bilder können abweichen.</translation>
    </message>
    <message>
      <source>{1} are computed {2} at a time</source>
      <translation>{1} werden zu je {2} berechnet</translation>
    </message>
    <message>
      <source>{1} arrived damaged: its check sum is wrong.</source>
      <translation>{1} kam beschädigt an: die Prüfsumme ist falsch.</translation>
    </message>
    <message>
      <source>{1} asks to run {2}.{3}, which no checkpoint needs; it was refused and nothing was run.</source>
      <translation>{1} will {2}.{3} ausführen, was kein Checkpoint braucht; das wurde verweigert, und nichts wurde ausgeführt.</translation>
    </message>
    <message>
      <source>{1} calls need as many images, not {2}.</source>
      <translation>{1} Aufrufe brauchen ebenso viele Bilder, nicht {2}.</translation>
    </message>
    <message>
      <source>{1} cannot be loaded: {2}.</source>
      <translation>{1} lässt sich nicht laden: {2}.</translation>
    </message>
    <message>
      <source>{1} cannot be marked ({2}).</source>
      <translation>{1} kann weder Stern noch Notiz bekommen ({2}).</translation>
    </message>
    <message>
      <source>{1} cannot be read ({2}).</source>
      <translation>{1} ist nicht lesbar ({2}).</translation>
    </message>
    <message>
      <source>{1} cannot be the name of a model.</source>
      <translation>{1} kann kein Modell heißen.</translation>
    </message>
    <message>
      <source>{1} cannot be used ({2}); {3}.</source>
      <translation>{1} ist nicht verwendbar ({2}); {3}.</translation>
    </message>
    <message>
      <source>{1} cannot be used: {2}</source>
      <translation>{1} ist nicht verwendbar: {2}</translation>
    </message>
    <message>
      <source>{1} cannot be written ({2}).</source>
      <translation>{1} lässt sich nicht schreiben ({2}).</translation>
    </message>
    <message>
      <source>{1} cannot have {2} attention heads: its width is {3}.</source>
      <translation>{1} kann nicht {2} Attention-Köpfe haben: die Breite ist {3}.</translation>
    </message>
    <message>
      <source>{1} cannot make images of {2} x {3} pixels.</source>
      <translation>{1} kann keine Bilder von {2} x {3} Pixeln erzeugen.</translation>
    </message>
    <message>
      <source>{1} cannot see clean and noisy patches at once.</source>
      <translation>{1} kann saubere und verrauschte Patches nicht zugleich sehen.</translation>
    </message>
    <message>
      <source>{1} cannot tell which words its patches attend to.</source>
      <translation>{1} kann nicht sagen, auf welche Wörter seine Patches achten.</translation>
    </message>
    <message>
      <source>{1} claims an impossible number of layers.</source>
      <translation>{1} gibt eine unmögliche Zahl von Schichten an.</translation>
    </message>
    <message>
      <source>{1} claims impossible sizes.</source>
      <translation>{1} gibt unmögliche Größen an.</translation>
    </message>
    <message>
      <source>{1} contains no generation settings.</source>
      <translation>{1} enthält keine Erzeugungseinstellungen.</translation>
    </message>
    <message>
      <source>{1} could not be fetched: {2}.</source>
      <translation>{1} ließ sich nicht herunterladen: {2}.</translation>
    </message>
    <message>
      <source>{1} could not be written ({2}).</source>
      <translation>{1} ließ sich nicht schreiben ({2}).</translation>
    </message>
    <message>
      <source>{1} could not be written as {2} ({3}).</source>
      <translation>{1} ließ sich nicht als {2} schreiben ({3}).</translation>
    </message>
    <message>
      <source>{1} does not fit into memory.</source>
      <translation>{1} passt nicht in den Speicher.</translation>
    </message>
    <message>
      <source>{1} does not say how its channels {2} are grouped.</source>
      <translation>{1} sagt nicht, wie seine Kanäle {2} gruppiert sind.</translation>
    </message>
    <message>
      <source>{1} does not say how many attention heads it has; {2} is assumed. If what it makes is noise, import it with another number of heads.</source>
      <translation>{1} sagt nicht, wie viele Attention-Köpfe es hat; angenommen werden {2}. Erzeugt es nur Rauschen, mit einer anderen Zahl von Köpfen importieren.</translation>
    </message>
    <message>
      <source>{1} does not say how {2} was trained.</source>
      <translation>{1} sagt nicht, wie {2} trainiert wurde.</translation>
    </message>
    <message>
      <source>{1} does not say in which direction its time runs.</source>
      <translation>{1} sagt nicht, in welche Richtung seine Zeit läuft.</translation>
    </message>
    <message>
      <source>{1} does not say in which order it scans; {2} is assumed.</source>
      <translation>{1} sagt nicht, in welcher Reihenfolge es scannt; angenommen wird {2}.</translation>
    </message>
    <message>
      <source>{1} does not say its latents' side; {2} is assumed.</source>
      <translation>{1} nennt die Seite seiner Latents nicht; angenommen wird {2}.</translation>
    </message>
    <message>
      <source>{1} does not say its {2}; {3} is assumed.</source>
      <translation>{1} nennt {2} nicht; angenommen wird {3}.</translation>
    </message>
    <message>
      <source>{1} does not say what is painted.</source>
      <translation>{1} sagt nicht, was bemalt ist.</translation>
    </message>
    <message>
      <source>{1} fits several classes.</source>
      <translation>{1} passt zu mehreren Klassen.</translation>
    </message>
    <message>
      <source>{1} frames a second are not possible.</source>
      <translation>{1} Bilder pro Sekunde sind nicht möglich.</translation>
    </message>
    <message>
      <source>{1} gives the noising step {2}.</source>
      <translation>{1} nennt den Rauschschritt {2}.</translation>
    </message>
    <message>
      <source>{1} gives the scale {2} of its latents.</source>
      <translation>{1} nennt den Maßstab {2} seiner Latents.</translation>
    </message>
    <message>
      <source>{1} has no class {2}.</source>
      <translation>{1} hat keine Klasse {2}.</translation>
    </message>
    <message>
      <source>{1} has no layer {2}.</source>
      <translation>{1} hat keine Schicht {2}.</translation>
    </message>
    <message>
      <source>{1} has no prompt.</source>
      <translation>{1} enthält keinen Prompt.</translation>
    </message>
    <message>
      <source>{1} has one timestep for the whole image, not one for each patch.</source>
      <translation>{1} hat einen Zeitschritt für das ganze Bild, nicht einen je Patch.</translation>
    </message>
    <message>
      <source>{1} holds a card, but no {2}.</source>
      <translation>{1} enthält eine Karte, aber kein {2}.</translation>
    </message>
    <message>
      <source>{1} holds an upsampler of this program, but not its sizes.</source>
      <translation>{1} enthält einen Upsampler dieses Programms, aber nicht seine Größen.</translation>
    </message>
    <message>
      <source>{1} holds features of version {2}, but this program reads version {3}.</source>
      <translation>{1} enthält Merkmale der Version {2}, dieses Programm liest aber Version {3}.</translation>
    </message>
    <message>
      <source>{1} holds no features of Patch Forcing Studio, or is damaged ({2}).</source>
      <translation>{1} enthält keine Merkmale von Patch Forcing Studio oder ist beschädigt ({2}).</translation>
    </message>
    <message>
      <source>{1} holds no maps of a run ({2}).</source>
      <translation>{1} enthält keine Karten eines Laufs ({2}).</translation>
    </message>
    <message>
      <source>{1} holds no masks.</source>
      <translation>{1} enthält keine Masken.</translation>
    </message>
    <message>
      <source>{1} holds no readable {2} ({3}).</source>
      <translation>{1} enthält kein lesbares {2} ({3}).</translation>
    </message>
    <message>
      <source>{1} holds no readable {2}.</source>
      <translation>{1} enthält kein lesbares {2}.</translation>
    </message>
    <message>
      <source>{1} holds no tensor named noise.</source>
      <translation>{1} enthält keinen Tensor namens noise.</translation>
    </message>
    <message>
      <source>{1} holds no weights.</source>
      <translation>{1} enthält keine Gewichte.</translation>
    </message>
    <message>
      <source>{1} holds no {2} weights, so the others are used.</source>
      <translation>{1} enthält keine Gewichte der Art {2}, daher werden die anderen verwendet.</translation>
    </message>
    <message>
      <source>{1} holds numbers that are not finite.</source>
      <translation>{1} enthält Zahlen, die nicht endlich sind.</translation>
    </message>
    <message>
      <source>{1} holds only weights: the embedding of the empty prompt is missing.</source>
      <translation>{1} enthält nur Gewichte: das Embedding des leeren Prompts fehlt.</translation>
    </message>
    <message>
      <source>{1} images, {2}</source>
      <translation>{1} Bilder, {2}</translation>
    </message>
    <message>
      <source>{1} is a bare pickle, which is a program and not data; it was not run.</source>
      <translation>{1} ist ein bloßes Pickle, also ein Programm und keine Daten; es wurde nicht ausgeführt.</translation>
    </message>
    <message>
      <source>{1} is a conversion of a U-Net for diffusers, which cannot be loaded.</source>
      <translation>{1} ist ein für diffusers umgewandeltes U-Net, das sich nicht laden lässt.</translation>
    </message>
    <message>
      <source>{1} is a folder without a model.</source>
      <translation>{1} ist ein Ordner ohne Modell.</translation>
    </message>
    <message>
      <source>{1} is a folder, not a file.</source>
      <translation>{1} ist ein Ordner, keine Datei.</translation>
    </message>
    <message>
      <source>{1} is a folder, not an image.</source>
      <translation>{1} ist ein Ordner, kein Bild.</translation>
    </message>
    <message>
      <source>{1} is a trace of version {2}, but this program reads version {3}.</source>
      <translation>{1} ist eine Aufzeichnung der Version {2}, dieses Programm liest aber Version {3}.</translation>
    </message>
    <message>
      <source>{1} is a zip archive, but not a checkpoint of torch.save.</source>
      <translation>{1} ist ein Zip-Archiv, aber kein Checkpoint von torch.save.</translation>
    </message>
    <message>
      <source>{1} is an animation of {2} frames: the first one is used.</source>
      <translation>{1} ist eine Animation aus {2} Bildern: das erste wird verwendet.</translation>
    </message>
    <message>
      <source>{1} is being fetched already.</source>
      <translation>{1} wird bereits heruntergeladen.</translation>
    </message>
    <message>
      <source>{1} is broken: {2} holds values that are not numbers (NaN or infinity).</source>
      <translation>{1} ist defekt: {2} enthält Werte, die keine Zahlen sind (NaN oder unendlich).</translation>
    </message>
    <message>
      <source>{1} is cut short: the end of the file is missing.</source>
      <translation>{1} ist abgeschnitten: das Ende der Datei fehlt.</translation>
    </message>
    <message>
      <source>{1} is damaged</source>
      <translation>{1} ist beschädigt</translation>
    </message>
    <message>
      <source>{1} is damaged{2}.</source>
      <translation>{1} ist beschädigt{2}.</translation>
    </message>
    <message>
      <source>{1} is empty (0 bytes).</source>
      <translation>{1} ist leer (0 Bytes).</translation>
    </message>
    <message>
      <source>{1} is for non-commercial use only ({2}).</source>
      <translation>{1} ist nur für nichtkommerzielle Nutzung ({2}).</translation>
    </message>
    <message>
      <source>{1} is for video, or for latents that are not square.</source>
      <translation>{1} ist für Video oder für Latents, die nicht quadratisch sind.</translation>
    </message>
    <message>
      <source>{1} is incomplete: its files lack {2}.</source>
      <translation>{1} ist unvollständig: in den Dateien fehlt {2}.</translation>
    </message>
    <message>
      <source>{1} is no class and no prompt.</source>
      <translation>{1} ist weder eine Klasse noch ein Prompt.</translation>
    </message>
    <message>
      <source>{1} is no depth map of this program.</source>
      <translation>{1} ist keine Tiefenkarte dieses Programms.</translation>
    </message>
    <message>
      <source>{1} is no list of prompts ({2}).</source>
      <translation>{1} ist keine Liste von Prompts ({2}).</translation>
    </message>
    <message>
      <source>{1} is no scan path.</source>
      <translation>{1} ist kein Scan-Weg.</translation>
    </message>
    <message>
      <source>{1} is no table this program can write.</source>
      <translation>{1} ist keine Tabelle, die dieses Programm schreiben kann.</translation>
    </message>
    <message>
      <source>{1} is no text encoder: its config.json cannot be read ({2}).</source>
      <translation>{1} ist kein Text-Encoder: die Datei config.json ist nicht lesbar ({2}).</translation>
    </message>
    <message>
      <source>{1} is no video this program can write.</source>
      <translation>{1} ist kein Video, das dieses Programm schreiben kann.</translation>
    </message>
    <message>
      <source>{1} is not a checkpoint: it is {2}.</source>
      <translation>{1} ist kein Checkpoint, sondern {2}.</translation>
    </message>
    <message>
      <source>{1} is not a safetensors file: it is a zip archive, as torch.save writes.</source>
      <translation>{1} ist keine safetensors-Datei, sondern ein Zip-Archiv, wie torch.save es schreibt.</translation>
    </message>
    <message>
      <source>{1} is not a safetensors file: it is {2}.</source>
      <translation>{1} ist keine safetensors-Datei, sondern {2}.</translation>
    </message>
    <message>
      <source>{1} is not a trace of Patch Forcing Studio, or is damaged.</source>
      <translation>{1} ist keine Aufzeichnung von Patch Forcing Studio oder ist beschädigt.</translation>
    </message>
    <message>
      <source>{1} is not a whole checkpoint of {2}: {3}.</source>
      <translation>{1} ist kein vollständiger Checkpoint von {2}: {3}.</translation>
    </message>
    <message>
      <source>{1} is not an address of the web.</source>
      <translation>{1} ist keine Web-Adresse.</translation>
    </message>
    <message>
      <source>{1} is not an autoencoder: its tensors have other names.</source>
      <translation>{1} ist kein Autoencoder: seine Tensoren heißen anders.</translation>
    </message>
    <message>
      <source>{1} is not an image that can be read ({2}).</source>
      <translation>{1} ist kein lesbares Bild ({2}).</translation>
    </message>
    <message>
      <source>{1} is not installed.</source>
      <translation>{1} ist nicht installiert.</translation>
    </message>
    <message>
      <source>{1} is not the journal of a run.</source>
      <translation>{1} ist nicht das Journal eines Laufs.</translation>
    </message>
    <message>
      <source>{1} is not {2}: it {3}.</source>
      <translation>{1} ist nicht {2}: es {3}.</translation>
    </message>
    <message>
      <source>{1} is of no known architecture: its tensors have other names ({2}, ...).</source>
      <translation>{1} hat keine bekannte Architektur: seine Tensoren heißen anders ({2}, ...).</translation>
    </message>
    <message>
      <source>{1} is read-only.</source>
      <translation>{1} ist schreibgeschützt.</translation>
    </message>
    <message>
      <source>{1} is {2}, but must be {3}.</source>
      <translation>{1} ist {2}, muss aber {3} sein.</translation>
    </message>
    <message>
      <source>{1} is {2}, but must lie {3}.</source>
      <translation>{1} ist {2}, muss aber {3} liegen.</translation>
    </message>
    <message>
      <source>{1} is {2}, but {3} holds at most {4} on a side.</source>
      <translation>{1} ist {2}, aber {3} fasst höchstens {4} je Seite.</translation>
    </message>
    <message>
      <source>{1} is {2}, which is not a choice.</source>
      <translation>{1} ist {2}; das steht nicht zur Wahl.</translation>
    </message>
    <message>
      <source>{1} latents need {2} conditions, not {3}.</source>
      <translation>{1} Latents brauchen {2} Bedingungen, nicht {3}.</translation>
    </message>
    <message>
      <source>{1} latents need {2} labels, not shape {3}.</source>
      <translation>{1} Latents brauchen {2} Labels, nicht die Form {3}.</translation>
    </message>
    <message>
      <source>{1} latents need {2} texts of width {3}, not shape {4}.</source>
      <translation>{1} Latents brauchen {2} Texte der Breite {3}, nicht die Form {4}.</translation>
    </message>
    <message>
      <source>{1} latents need {2} texts, not {3}.</source>
      <translation>{1} Latents brauchen {2} Texte, nicht {3}.</translation>
    </message>
    <message>
      <source>{1} makes latents of {2}, but {3} needs those of {4}: its images are decoded and encoded again in between.</source>
      <translation>{1} macht Latents von {2}, aber {3} braucht solche von {4}: die Bilder werden dazwischen dekodiert und neu kodiert.</translation>
    </message>
    <message>
      <source>{1} makes other latents than {2}, or for other classes or prompts, so it cannot be its weak model.</source>
      <translation>{1} macht andere Latents als {2} oder für andere Klassen oder Prompts und kann daher nicht dessen schwaches Modell sein.</translation>
    </message>
    <message>
      <source>{1} names no autoencoder.</source>
      <translation>{1} nennt keinen Autoencoder.</translation>
    </message>
    <message>
      <source>{1} needs latents of 1/{2} of the side, but the autoencoder {3} makes them 1/{4}.</source>
      <translation>{1} braucht Latents von 1/{2} der Seite, der Autoencoder {3} macht aber 1/{4}.</translation>
    </message>
    <message>
      <source>{1} needs {2} MB, but only {3} MB are free.</source>
      <translation>{1} braucht {2} MB, aber nur {3} MB sind frei.</translation>
    </message>
    <message>
      <source>{1} of the last session cannot be read</source>
      <translation>{1} der letzten Sitzung: nicht lesbar</translation>
    </message>
    <message>
      <source>{1} patches are painted, but the image has {2} x {3}.</source>
      <translation>{1} Patches sind bemalt, das Bild hat aber {2} x {3}.</translation>
    </message>
    <message>
      <source>{1} predicts no difficulty, which the sampler {2} needs.</source>
      <translation>{1} sagt keine Schwierigkeit vorher, die der Sampler {2} braucht.</translation>
    </message>
    <message>
      <source>{1} scans nothing, so it cannot follow another scan.</source>
      <translation>{1} scannt nichts und kann deshalb keinem anderen Scan folgen.</translation>
    </message>
    <message>
      <source>{1} takes classes, not text.</source>
      <translation>{1} nimmt Klassen, keinen Text.</translation>
    </message>
    <message>
      <source>{1} takes neither classes nor text.</source>
      <translation>{1} nimmt weder Klassen noch Text.</translation>
    </message>
    <message>
      <source>{1} takes no classes.</source>
      <translation>{1} nimmt keine Klassen.</translation>
    </message>
    <message>
      <source>{1} takes no text.</source>
      <translation>{1} nimmt keinen Text.</translation>
    </message>
    <message>
      <source>{1} takes text, not classes.</source>
      <translation>{1} nimmt Text, keine Klassen.</translation>
    </message>
    <message>
      <source>{1} threads</source>
      <translation>{1} Threads</translation>
    </message>
    <message>
      <source>{1} waiting runs</source>
      <translation>{1} wartende Läufe</translation>
    </message>
    <message>
      <source>{1} was made by {2}, whose recipes cannot be used here.</source>
      <translation>{1} stammt von {2}, dessen Rezepte hier nicht verwendbar sind.</translation>
    </message>
    <message>
      <source>{1} was saved on a big-endian machine and cannot be read here.</source>
      <translation>{1} wurde auf einem Big-Endian-Rechner gespeichert und ist hier nicht lesbar.</translation>
    </message>
    <message>
      <source>{1} was trained with other routes than {2}.</source>
      <translation>{1} wurde mit anderen Routen trainiert als {2}.</translation>
    </message>
    <message>
      <source>{1} was trained without a null condition.</source>
      <translation>{1} wurde ohne leere Bedingung trainiert.</translation>
    </message>
    <message>
      <source>{1} was upscaled here, but not generated.</source>
      <translation>{1} wurde hier hochskaliert, aber nicht erzeugt.</translation>
    </message>
    <message>
      <source>{1} works on latents of {2} channels, but the autoencoder {3} has {4}.</source>
      <translation>{1} arbeitet auf Latents mit {2} Kanälen, der Autoencoder {3} hat aber {4}.</translation>
    </message>
    <message>
      <source>{1} would unpack to more than {2} pixels.</source>
      <translation>{1} würde entpackt mehr als {2} Pixel haben.</translation>
    </message>
    <message>
      <source>{1}, {2} threads</source>
      <translation>{1}, {2} Threads</translation>
    </message>
    <message>
      <source>{1}, {2} tokens</source>
      <translation>{1}, {2} Tokens</translation>
    </message>
    <message>
      <source>{1}: the recipe is too long for a JPEG.</source>
      <translation>{1}: das Rezept ist für ein JPEG zu lang.</translation>
    </message>
    <message>
      <source>{1}; the file was saved as {2}.</source>
      <translation>{1}; die Datei wurde als {2} gespeichert.</translation>
    </message>
    <message>
      <source>{1}; torch {2}; {3}; {4}</source>
      <translation>{1}; torch {2}; {3}; {4}</translation>
    </message>
  </context>
</TS>
