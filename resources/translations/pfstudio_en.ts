<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
  <context>
    <name>pfstudio</name>
    <message numerus="yes">
      <source>%n calls</source>
      <translation>
        <numerusform>%n call</numerusform>
        <numerusform>%n calls</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n depth maps are still to be saved.</source>
      <translation>
        <numerusform>%n depth map is still to be saved.</numerusform>
        <numerusform>%n depth maps are still to be saved.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n files</source>
      <translation>
        <numerusform>%n file</numerusform>
        <numerusform>%n files</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n files exist and will be replaced.</source>
      <translation>
        <numerusform>%n file exists and will be replaced.</numerusform>
        <numerusform>%n files exist and will be replaced.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n images are upscaled</source>
      <translation>
        <numerusform>%n image is upscaled</numerusform>
        <numerusform>%n images are upscaled</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n images have depth</source>
      <translation>
        <numerusform>%n image has depth</numerusform>
        <numerusform>%n images have depth</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n images · {page}</source>
      <translation>
        <numerusform>%n image · {page}</numerusform>
        <numerusform>%n images · {page}</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n items</source>
      <translation>
        <numerusform>%n item</numerusform>
        <numerusform>%n items</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n items · Library</source>
      <translation>
        <numerusform>%n item · Library</numerusform>
        <numerusform>%n items · Library</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n runs are waiting from the last session.</source>
      <translation>
        <numerusform>%n run is waiting from the last session.</numerusform>
        <numerusform>%n runs are waiting from the last session.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n runs were interrupted in the last session.</source>
      <translation>
        <numerusform>%n run was interrupted in the last session.</numerusform>
        <numerusform>%n runs were interrupted in the last session.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n threads</source>
      <translation>
        <numerusform>%n thread</numerusform>
        <numerusform>%n threads</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>%n upscaled images are still to be saved.</source>
      <translation>
        <numerusform>%n upscaled image is still to be saved.</numerusform>
        <numerusform>%n upscaled images are still to be saved.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>Depth of %n images</source>
      <translation>
        <numerusform>Depth of %n image</numerusform>
        <numerusform>Depth of %n images</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>Moved %n items to the trash.</source>
      <translation>
        <numerusform>Moved %n item to the trash.</numerusform>
        <numerusform>Moved %n items to the trash.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>Restore the recipe of {name}? It changes %n settings; Undo brings back yours.</source>
      <translation>
        <numerusform>Restore the recipe of {name}? It changes %n setting; Undo brings back yours.</numerusform>
        <numerusform>Restore the recipe of {name}? It changes %n settings; Undo brings back yours.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>{done} of %n images are upscaled</source>
      <translation>
        <numerusform>{done} of %n image is upscaled</numerusform>
        <numerusform>{done} of %n images are upscaled</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>{done} of %n images have depth</source>
      <translation>
        <numerusform>{done} of %n image has depth</numerusform>
        <numerusform>{done} of %n images have depth</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>{name} leads. %n classes are in the race.</source>
      <translation>
        <numerusform>{name} leads. %n class is in the race.</numerusform>
        <numerusform>{name} leads. %n classes are in the race.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>{page}: {done} of %n images done.</source>
      <translation>
        <numerusform>{page}: {done} of %n image done.</numerusform>
        <numerusform>{page}: {done} of %n images done.</numerusform>
      </translation>
    </message>
    <message numerus="yes">
      <source>{path}, %n directions</source>
      <translation>
        <numerusform>{path}, %n direction</numerusform>
        <numerusform>{path}, %n directions</numerusform>
      </translation>
    </message>
  </context>
</TS>
