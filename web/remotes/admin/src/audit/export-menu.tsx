/** What can be taken along: the trail as NDJSON or CSV, as filtered, with its progress. */
import { useScreen } from '@flowbit/contract';
import { AppIcon, Button, defineMessages, describeError, Menu, useFormats, useMessages } from '@flowbit/ui';
import { useEffect, useRef, useState } from 'react';
import { type AuditFilter, isFiltered } from './audit-filter';
import { type ExportFormat, exportAudit, fileNameFor, saveFile } from './export-audit';

const words = defineMessages({
  en: {
    export: 'Export',
    exporting: (size: string) => `${size}, cancel`,
    heading: 'The whole trail, oldest first',
    headingFiltered: 'Only what is filtered, oldest first',
    ndjson: 'NDJSON',
    ndjsonMeaning: 'Complete, can be verified offline',
    ndjsonPart: 'A part: can’t be verified offline',
    csv: 'CSV',
    csvMeaning: 'For spreadsheets',
    done: 'Audit trail exported',
    doneMeaning: (name: string) => `Saved as ${name}. The export itself is recorded in the trail.`,
    failed: 'The export broke off',
    failedMeaning: 'Nothing was saved, so that no part is taken for the whole.',
  },
  de: {
    export: 'Exportieren',
    exporting: (size: string) => `${size}, abbrechen`,
    heading: 'Das ganze Protokoll, älteste zuerst',
    headingFiltered: 'Nur das Gefilterte, älteste zuerst',
    ndjson: 'NDJSON',
    ndjsonMeaning: 'Vollständig, ohne Server prüfbar',
    ndjsonPart: 'Ein Teil: nicht ohne Server prüfbar',
    csv: 'CSV',
    csvMeaning: 'Für Tabellen',
    done: 'Protokoll exportiert',
    doneMeaning: (name: string) => `Gespeichert als ${name}. Auch der Export steht im Protokoll.`,
    failed: 'Der Export ist abgebrochen',
    failedMeaning: 'Es wurde nichts gespeichert, damit kein Teil für das Ganze gehalten wird.',
  },
});

export function ExportMenu({ filter }: { filter: AuditFilter }) {
  const text = useMessages(words);
  const describe = useMessages(describeError);
  const formats = useFormats();
  const { client, customer, toast } = useScreen();
  const [bytes, setBytes] = useState<number | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  async function run(format: ExportFormat) {
    const controller = new AbortController();
    running.current = controller;
    setBytes(0);
    try {
      const blob = await exportAudit({
        client,
        filter,
        format,
        signal: controller.signal,
        onProgress: setBytes,
      });
      const name = fileNameFor(customer.slug, filter, format, new Date());
      saveFile(name, blob);
      toast({ kind: 'success', title: text.done, detail: text.doneMeaning(name), key: 'export' });
    } catch (error) {
      if (controller.signal.aborted) return;
      toast({ kind: 'error', title: text.failed, detail: `${text.failedMeaning} ${describe(error).title}.` });
    } finally {
      setBytes(null);
    }
  }

  if (bytes !== null) {
    const size = `${formats.number(Math.round(bytes / 1000))} kB`;
    return (
      <Button variant="default" leftSection={<AppIcon name="x" />} onClick={() => running.current?.abort()}>
        {text.exporting(size)}
      </Button>
    );
  }
  return (
    <Menu position="bottom-end" withinPortal width={280}>
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<AppIcon name="download" />}
          rightSection={<AppIcon name="chevron-down" size={14} />}
        >
          {text.export}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{isFiltered(filter) ? text.headingFiltered : text.heading}</Menu.Label>
        <Menu.Item onClick={() => void run('ndjson')}>
          {text.ndjson}
          <div style={{ color: 'var(--fb-text-muted)', fontSize: 12 }}>
            {isFiltered(filter) ? text.ndjsonPart : text.ndjsonMeaning}
          </div>
        </Menu.Item>
        <Menu.Item onClick={() => void run('csv')}>
          {text.csv}
          <div style={{ color: 'var(--fb-text-muted)', fontSize: 12 }}>{text.csvMeaning}</div>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
